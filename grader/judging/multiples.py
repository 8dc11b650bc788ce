"""Two mistakes at once: the numbers of a known one, times a size or a plain number.

Signatures are sums, so a factor shows in them: no array is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from grader.verdict import Finding

from .diagnosis import Hypotheses, Result, is_enough
from .relations import Factor, Sample, simplest
from .signatures import Signature

# What a factor may cost: one size, or a number that somebody may have written.
PLAIN = 2
# The sample of every result, by case and name.
Samples = Mapping[tuple[str, str], Sample]


def multiple(
    hypotheses: Hypotheses,
    results: Sequence[Result],
    samples: Samples,
    name: str,
    before: Sequence[Result] = (),
) -> Finding | None:
    """Return the hypotheses whose numbers the results of one name are a simple multiple of.

    Args:
        hypotheses: that are tried.
        results: of a check.
        samples: of the results, for the sizes that a factor may be.
        name: of the results to be explained.
        before: results of earlier checks; what would show in them has to.
    """
    own = [result for result in results if result.group == name]
    if not is_enough(own) or any((x.case, x.name) not in samples for x in own):
        return None
    sized = [samples[x.case, x.name] for x in own]
    if all(_ratio(result.right, result) is not None for result in own):
        return None  # a multiple of the right ones needs no mistake
    if all(x.numbers.size > 1 and np.ptp(x.numbers) == 0.0 for x in sized):
        return None  # one number everywhere is a multiple of any other
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
    """Return what all results are, times those of a hypothesis; None if that is nothing simple."""
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
    """Return what a result is, divided by what a hypothesis makes of it; None if it is not."""
    found = result.found
    if made is None or found is None or made.shape != found.shape or made.scale == 0.0:
        return None
    largest = max(range(len(made.sums)), key=lambda i: abs(made.sums[i]))
    if made.sums[largest] == 0.0:
        return None
    ratio = found.sums[largest] / made.sums[largest]
    times = Signature(made.shape, tuple(ratio * x for x in made.sums), abs(ratio) * made.scale)
    return ratio if times.equals(found, result.rtol) else None
