"""What a fitted number may be: one plain number, or a size or setting of the problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np

from .sample import Sample

# What letters stand for, beside settings that say so themselves.
MEANINGS = {"m": "the batch size"}
_POWERS = {1.0: 2, -1.0: 2, 2.0: 3, -2.0: 3, 0.5: 3, -0.5: 3}
# Powers of a setting, as words have them: (in a product, under it).
_OF_POWER = {1.0: "{}", 2.0: "{} squared", 0.5: "the square root of {}"}
_NUMBERS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


@dataclass(frozen=True)
class Factor:
    """A number times powers of settings.

    Args:
        number: by itself.
        powers: of settings, by name.
        cost: how far from simple it is.
        note: what else is worth saying.
    """

    number: float = 1.0
    powers: tuple[tuple[str, float], ...] = ()
    cost: int = 0
    note: str = ""

    def of(self, sample: Sample) -> float | None:
        """Return its value in a sample; None where a setting is not there."""
        value = self.number
        for name, power in self.powers:
            if name not in sample.settings:
                return None
            value *= sample.settings[name] ** power
        return value

    def fill(self, words: str, name: str) -> str:
        """Put it into a sentence, which has {times}, {plus} or {value}, and {over}."""
        above = [_OF_POWER[p].format(s) for s, p in self.powers if p > 0]
        below = [_OF_POWER[-p].format(s) for s, p in self.powers if p < 0]
        numbers = [number_in_words(abs(self.number))] if abs(self.number) != 1.0 else []
        product = "".join(f"{part} times " for part in (*numbers, *above))
        over = "".join(f" divided by {part}" for part in below)
        sign = "minus " if self.number < 0 else ""
        size_in_words = (" times ".join((*numbers, *above)) or "1") + over
        meanings = [f"{s} is {MEANINGS[s]}" for s, _ in self.powers if s in MEANINGS]
        notes = [*meanings, *([self.note] if self.note else [])]
        filled = words.format(
            name=name, times=sign + product, plus=(sign or "plus ") + product, over=over,
            value=("-" if sign else "") + size_in_words,
            signed=(sign or "plus ") + size_in_words,
        )  # fmt: skip
        return filled + (f" ({', '.join(notes)})." if notes else ".")


def number_in_words(number: float) -> str:
    """Return a number as a student would write it: 2, 1/3, 0.01."""
    nice = _nice(number)
    if nice is None:
        return f"{number:.4g}"
    if nice.denominator in (1, 10, 100, 1000, 5, 20, 50):
        return f"{float(nice):.6g}"
    return str(nice) if nice.denominator < 20 else f"{float(nice):.6g}"


def _nice(number: float) -> Fraction | None:
    """Return a number with few digits or a small denominator that is this one; None if none is."""
    options = [Fraction(number).limit_denominator(most) for most in (12, 1000)]
    if 0 < abs(number) < 1.0:
        options.append(1 / Fraction(1 / number).limit_denominator(1))
    return next((x for x in options if x and abs(float(x) / number - 1) < 1e-5), None)


def factors(values: Sequence[float], samples: Sequence[Sample]) -> list[Factor]:
    """Return the simplest factors that are these numbers in these samples.

    Args:
        values: that were fitted.
        samples: one for each.
    """
    found = list(_plain(values, samples))
    if not found:
        found = list(_of_settings(values, samples))
    least = min((factor.cost for factor in found), default=0)
    return [factor for factor in found if factor.cost == least]


def _plain(values: Sequence[float], samples: Sequence[Sample]) -> Iterator[Factor]:
    """Yield the number that the values are, if they all are the same."""
    first, rtol = values[0], max(sample.rtol for sample in samples)
    if first == 0.0 or not all(abs(value / first - 1) <= 2 * rtol for value in values):
        return
    nice = _nice(first)
    number = first if nice is None else float(nice)
    cost = {1.0: 0, -1.0: 1, 2.0: 1, -2.0: 1, 0.5: 1, -0.5: 1}.get(number, 2)
    settings = _shared(samples)
    names = [
        name
        for name in settings
        if abs(number) != 1.0 and np.allclose(settings[name], abs(number), rtol=rtol)
    ]
    if names:
        yield Factor(number, cost=cost, note=f"{number_in_words(abs(number))} is {names[0]}")
    elif nice is not None or len(values) > 2:
        yield Factor(number, cost=cost if nice is not None else 3)


def _shared(samples: Sequence[Sample]) -> dict[str, np.ndarray]:
    """Return the settings that all samples have, one of those that are always equal."""
    found: dict[str, np.ndarray] = {}
    for name in samples[0].settings:
        if all(name in sample.settings for sample in samples):
            values = np.array([sample.settings[name] for sample in samples])
            if not any(np.array_equal(values, other) for other in found.values()):
                found[name] = values
    return found


def _of_settings(values: Sequence[float], samples: Sequence[Sample]) -> Iterator[Factor]:
    """Yield the products of settings that the values are."""
    target, rtol = np.array(values), 2 * max(sample.rtol for sample in samples)
    settings = {k: v for k, v in _shared(samples).items() if np.all(v > 0) and np.ptp(v) > 0}
    single = [((name, p),) for name in settings for p in _POWERS]
    double = [
        ((one, p), (two, q))
        for one, two in combinations(settings, 2)
        for p, q in ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))
    ]
    for powers in (*single, *double):
        made = np.prod([settings[name] ** power for name, power in powers], axis=0)
        ratio = target / made
        number = float(ratio[0])
        if np.all(np.abs(ratio - number) <= rtol * abs(number)):
            cost = _POWERS[powers[0][1]] if len(powers) == 1 else 4
            for nice in _NUMBERS:
                if abs(number - nice) <= rtol:
                    yield Factor(nice, powers, cost + (nice not in (1.0, -1.0)))
