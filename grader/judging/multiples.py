"""Two mistakes at once: the numbers of a known mistake, times a size or a plain number.

Signatures are sums, so a factor shows in them and no array is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from grader.verdict import Finding

from .diagnosis import Hypotheses, Result, is_enough
from .relations import Factor, Sample, simplest
from .signatures import Signature

# The maximum cost of a factor: one size, or a number that someone may have written.
PLAIN = 2
# The sample for every result, by case and name.
Samples = Mapping[tuple[str, str], Sample]


def multiple(
    hypotheses: Hypotheses,
    results: Sequence[Result],
    samples: Samples,
    name: str,
    before: Sequence[Result] = (),
) -> Finding | None:
    """Return the hypotheses whose numbers, times a simple factor, are the results of one name.

    Args:
        hypotheses: the hypotheses to try.
        results: the results of a check.
        samples: the samples of the results, for the sizes that a factor may be.
        name: the name of the results to explain.
        before: results of earlier checks; an effect on them must show in them.
    """
    own = [result for result in results if result.group == name]
    if not is_enough(own) or any((x.case, x.name) not in samples for x in own):
        return None
    sized = [samples[x.case, x.name] for x in own]
    if all(_ratio(result.right, result) is not None for result in own):
        return None  # a multiple of the right results needs no mistake
    if all(x.numbers.size > 1 and np.ptp(x.numbers) == 0.0 for x in sized):
        return None  # a single number everywhere is a multiple of any other
    tried = {i: _factor(hypotheses, i, own, sized) for i in hypotheses.known}
    found = {i: x for i, x in tried.items() if x is not None and hypotheses.fits(before, i)}
    best = hypotheses.best([*found], results, name)
    factor = min((found[i] for i in best), key=lambda x: x.cost, default=None)
    if factor is None or factor.cost > PLAIN:
        return None
    alike = [i for i in best if found[i] == factor]
    scale = factor.fill("{times}{{}}{over}", name).rstrip(".")
    return hypotheses.finding(alike, before, (name,), scale)


def _factor(
    hypotheses: Hypotheses, hypothesis: str, own: Sequence[Result], samples: Sequence[Sample]
) -> Factor | None:
    """Return the simple factor between a hypothesis's numbers and all results; None if none."""
    values, changed = [], False
    for result in own:
        made = hypotheses.effects(result.case, hypothesis)
        changed = changed or made.get(result.name) is not None
        value = _ratio(made.get(result.name, result.right), result)
        if value is None:
            return None
        values.append(value)
    if not changed or all(abs(value - 1) <= own[0].rtol for value in values):
        return None
    return simplest(values, samples)


def _ratio(made: Signature | None, result: Result) -> float | None:
    """Return a result divided by a hypothesis's prediction; None if it is not a multiple."""
    found = result.found
    if made is None or found is None or made.shape != found.shape or made.scale == 0.0:
        return None
    largest = max(range(len(made.sums)), key=lambda i: abs(made.sums[i]))
    if made.sums[largest] == 0.0:
        return None
    ratio = found.sums[largest] / made.sums[largest]
    times = Signature(made.shape, tuple(ratio * x for x in made.sums), abs(ratio) * made.scale)
    return ratio if times.equals(found, result.rtol) else None
