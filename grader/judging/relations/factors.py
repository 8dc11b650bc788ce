"""What a fitted number may be: a plain number, or a size or setting of the problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .sample import FAR, Sample

# What letters stand for, in addition to settings whose names explain themselves.
MEANINGS = {"m": "the batch size"}
# Powers of one or two settings, and what they cost.
_POWERS = {
    (1.0,): 2, (-1.0,): 2, (2.0,): 3, (-2.0,): 3, (0.5,): 3, (-0.5,): 3,
    (1.0, 1.0): 4, (-1.0, -1.0): 4, (1.0, -1.0): 4,
}  # fmt: skip
# Powers of a setting in words, with a place for its name.
_OF_POWER = {1.0: "{}", 2.0: "{} squared", 0.5: "the square root of {}"}
# Error allowed for a number with few digits; where the tolerance is larger, no others are tried.
FINE = 1e-5
_NUMBERS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


@dataclass(frozen=True)
class Factor:
    """A number times powers of settings.

    Args:
        number: the number itself.
        powers: the powers of settings, by name.
        cost: how far from simple it is.
        note: anything else worth saying.
    """

    number: float = 1.0
    powers: tuple[tuple[str, float], ...] = ()
    cost: int = 0
    note: str = ""

    def of(self, sample: Sample) -> float | None:
        """Return its value in a sample; None if a setting is missing."""
        value = self.number
        for name, power in self.powers:
            if name not in sample.settings:
                return None
            value *= sample.settings[name] ** power
        return value

    def fill(self, words: str, name: str) -> str:
        """Insert it into a sentence that contains {times}, {plus}, or {value}, and {over}."""
        above = [_OF_POWER[p].format(s) for s, p in self.powers if p > 0]
        below = [_OF_POWER[-p].format(s) for s, p in self.powers if p < 0]
        numbers = [number_in_words(abs(self.number))] if abs(self.number) != 1.0 else []
        product = "".join(f"{part} times " for part in (*numbers, *above))
        over = f" divided by {' and by '.join(below)}" if below else ""
        sign = "minus " if self.number < 0 else ""
        size_in_words = (" times ".join((*numbers, *above)) or "1") + over
        meanings = [f"{s} is {MEANINGS[s]}" for s, _ in self.powers if s in MEANINGS]
        notes = [*meanings, *([self.note] if self.note else [])]
        filled = words.format(
            name=name, times=sign + product, plus=(sign or "plus ") + product, over=over,
            value=("-" if sign else "") + size_in_words,
            signed=(sign or "plus ") + size_in_words,
        )  # fmt: skip
        return filled + (f" ({', '.join(notes)})" if notes else "")


def number_in_words(number: float) -> str:
    """Return a number as a student would write it: 2, 1/3, 0.01."""
    nice = _nice(number)
    if nice is None:
        return f"{number:.6g}"
    is_decimal = 10**6 % nice.denominator == 0
    return str(nice) if nice.denominator < 100 and not is_decimal else f"{float(nice):.6g}"


# Nobody writes a factor smaller than this.
TINY = 1e-12


def _nice(number: float) -> Fraction | None:
    """Return the fraction or three-digit number that a number equals, if there is one."""
    options = [Fraction(number).limit_denominator(12), Fraction(f"{number:.2e}")]
    if TINY < abs(number) < 1.0:
        options.append(1 / Fraction(f"{1 / number:.2e}"))
    return next((x for x in options if x and abs(float(x) / number - 1) < FINE), None)


def simplest(values: Sequence[float], samples: Sequence[Sample]) -> Factor | None:
    """Return the simplest factor that equals these values in these samples, if there is one.

    Several factors that are equal in all samples are one size under several names: the name that
    comes first in the settings is used.

    Args:
        values: the fitted values.
        samples: one for each value.
    """
    plain = next(_plain(values, samples), None)
    return plain or min(_of_settings(values, samples), key=lambda x: x.cost, default=None)


def _plain(values: Sequence[float], samples: Sequence[Sample]) -> Iterator[Factor]:
    """Yield the number that all values equal, if they are all the same."""
    first, rtol = values[0], max(sample.rtol for sample in samples)
    if first == 0.0 or not all(abs(value / first - 1) <= 2 * rtol for value in values):
        return
    nice = _nice(first)
    if nice is None and (rtol > FINE or abs(abs(first) - 1.0) < FAR * rtol):
        return
    number = first if nice is None else float(nice)
    cost = {1.0: 0, -1.0: 1, 2.0: 1, -2.0: 1, 0.5: 1, -0.5: 1}.get(number, 2)
    settings = _shared(samples)
    names = [
        name
        for name in settings
        if abs(number) != 1.0
        and not name.startswith("the ")  # a size may equal that number by chance
        and np.allclose(settings[name], abs(number), rtol=rtol, atol=0.0)
    ]
    if names:
        yield Factor(number, cost=cost, note=f"{number_in_words(abs(number))} is {names[0]}")
    elif nice is not None or len(values) > 2:
        yield Factor(number, cost=cost if nice is not None else 3)


def _shared(samples: Sequence[Sample]) -> dict[str, np.ndarray]:
    """Return the settings that all samples have, keeping one of those that are always equal."""
    found: dict[str, np.ndarray] = {}
    for name in samples[0].settings:
        if all(name in sample.settings for sample in samples):
            values = np.array([sample.settings[name] for sample in samples])
            if not any(np.array_equal(values, other) for other in found.values()):
                found[name] = values
    return found


def _of_settings(values: Sequence[float], samples: Sequence[Sample]) -> Iterator[Factor]:
    """Yield the products of a plain number and one or two settings that equal the values."""
    target, rtol = np.array(values), 2 * max(sample.rtol for sample in samples)
    settings = {k: v for k, v in _shared(samples).items() if np.all(v > 0) and np.ptp(v) > 0}
    if not settings or np.ptp(np.sign(target)) > 0:
        return
    names, logs = list(settings), np.log([*settings.values()])
    for powers, cost in _POWERS.items():
        made = np.zeros((1, len(target)))
        for power in powers:
            made = (made[:, None] + power * logs).reshape(-1, len(target))
        rest = np.log(np.abs(target)) - made
        for place in np.flatnonzero(np.ptp(rest, axis=1) <= rtol):
            number = float(np.sign(target[0]) * np.exp(rest[place].mean()))
            nice = next((x for x in _NUMBERS if abs(number - x) <= rtol), None)
            if nice is not None:
                chosen = np.unravel_index(place, (len(names),) * len(powers))
                of = tuple((names[i], power) for i, power in zip(chosen, powers, strict=True))
                yield Factor(nice, of, cost + (nice != 1.0))
