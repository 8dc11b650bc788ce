"""Failures that no mistake in the catalogue names, grouped by equal wrong numbers.

Two failures compute the same function if every result of every case that is wrong in one is wrong
in the other, with equal sums. All inputs of a class are drawn from one seed, so equal sums mean
equal numbers, and agreement in all cases means the same relation to the inputs. Sums are compared
pairwise, within their tolerance: rounding them first could separate two that lie on either side of
a rounding boundary.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.course.store import Store
from grader.evidence import WrongNumbers
from grader.verdict import Verdict

from .failures import Failure, Owners, Said, failures, numbers, said

# How much further apart than sums the scales of two results may be; this narrows down what has to
# be compared: equal numbers have equal scales, but rounding errors add up over all entries.
SCALES = 10.0


@dataclass(frozen=True)
class Group:
    """Failures of one kind that no mistake of the catalogue names.

    Args:
        failures: those of the same kind, in order.
        names: the results that are wrong in the same way; empty if no numbers are known.
        is_part: whether they also have other wrong results, which differ.
        said: what the report of the first one says.
        owners: whose they are.
    """

    failures: tuple[Failure, ...]
    names: tuple[str, ...]
    is_part: bool
    said: Said
    owners: Owners

    @property
    def size(self) -> int:
        """Return how many submissions have it."""
        return len(self.owners.submissions)

    @property
    def places(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """Return the questions and targets it occurs in, each with its checks."""
        found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for one in self.failures:
            found[one.question, one.target][one.check] = None
        return tuple((*key, tuple(checks)) for key, checks in found.items())


def groups(store: Store, run: int) -> list[Group]:
    """Return the unnamed failures in groups, the largest first."""
    unnamed = [one for one in failures(store, run) if not one.diagnosis]
    wrong = numbers(store, [one.result for one in unnamed])
    found = _by_numbers(store, unnamed, wrong)
    found += _by_message(store, [one for one in unnamed if one.result not in wrong])
    order = {one.result: place for place, one in enumerate(unnamed)}
    return sorted(found, key=lambda group: (-group.size, order[group.failures[0].result]))


# By numbers.


def _by_numbers(
    store: Store, unnamed: Sequence[Failure], wrong: Mapping[int, list[WrongNumbers]]
) -> list[Group]:
    found, whole = list[tuple[tuple[str, ...], list[Failure]]](), dict[int, int]()
    every = {one.result: one for one in unnamed if one.result in wrong}
    for place, alike in enumerate(_classes(every.values(), wrong, None)):
        found.append((_names(wrong[alike[0].result]), alike))
        whole |= {one.result: place for one in alike}
    # Failures from several of these groups that share one wrong result.
    parts: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name in sorted({x.name for several in wrong.values() for x in several}):
        for alike in _classes(every.values(), wrong, name):
            if len({whole[one.result] for one in alike}) > 1:
                parts[tuple(one.result for one in alike)].append(name)
    groups = [_group(store, alike, names) for names, alike in found]
    for results, names in parts.items():
        part = _group(store, [every[one] for one in results], names)
        groups.append(replace(part, is_part=True))
    return groups


def _names(wrong: Iterable[WrongNumbers]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in wrong))


def _group(store: Store, alike: Sequence[Failure], names: Iterable[str] = ()) -> Group:
    owners = Owners.of([one.owners for one in alike])
    first = said(store, alike[0].result)
    return Group(tuple(alike), tuple(names), is_part=False, said=first, owners=owners)


def _classes(
    found: Iterable[Failure], wrong: Mapping[int, list[WrongNumbers]], name: str | None
) -> Iterable[list[Failure]]:
    """Return failures in groups of equal numbers: in all results, or in the one named `name`."""
    candidates: dict[Hashable, list[tuple[Failure, list[WrongNumbers]]]] = defaultdict(list)
    for one in found:
        kept = [x for x in wrong[one.result] if name in (None, x.name)]
        if kept:
            what = tuple((x.case, x.name, x.shape) for x in kept)
            candidates[one.fingerprint, one.target, one.check, what].append((one, kept))
    for alike in candidates.values():
        yield from _equal(alike)


def _equal(alike: Sequence[tuple[Failure, list[WrongNumbers]]]) -> list[list[Failure]]:
    """Split failures with the same wrong results into groups of equal numbers.

    The first of each group represents it; groups are looked up by the scale of their first result.
    """
    parts: list[tuple[_Numbers, list[Failure]]] = []
    order: list[tuple[float, int]] = []
    for one, kept in alike:
        mine = _Numbers.of(kept)
        room = 1 + SCALES * mine.rtol
        start, end = (bisect_left(order, (mine.scale / room, -1)),
                      bisect_right(order, (mine.scale * room, len(parts))))  # fmt: skip
        near = (place for _, place in sorted(order[start:end], key=lambda pair: pair[1]))
        same = next((place for place in near if parts[place][0].equals(mine)), None)
        if same is None:
            insort(order, (mine.scale, len(parts)))
            parts.append((mine, [one]))
        else:
            parts[same][1].append(one)
    return [members for _, members in parts]


@dataclass(frozen=True, eq=False)
class _Numbers:
    """The sums of several results as arrays: (n, sums) and, for their scales, (n, 1)."""

    sums: np.ndarray
    scales: np.ndarray
    rtols: np.ndarray

    @classmethod
    def of(cls, found: Sequence[WrongNumbers]) -> _Numbers:
        """Return the numbers of results, in order."""
        columns = (np.array([[x.scale] for x in found]), np.array([[x.rtol] for x in found]))
        return cls(np.array([x.sums for x in found], float), *columns)

    @property
    def scale(self) -> float:
        """Return the first scale."""
        return float(self.scales[0, 0])

    @property
    def rtol(self) -> float:
        """Return the largest tolerance."""
        return float(self.rtols.max())

    def equals(self, other: _Numbers) -> bool:
        """Tell whether the numbers are equal, up to rounding; an overflow equals nothing."""
        with np.errstate(all="ignore"):
            scales, rtols = (
                np.maximum(self.scales, other.scales),
                np.maximum(self.rtols, other.rtols),
            )
            sums = np.abs(self.sums - other.sums) <= rtols * scales
            alike = np.abs(self.scales - other.scales) <= SCALES * rtols * scales
        return bool(np.isfinite(scales).all() and sums.all() and alike.all())


# By message.


def _by_message(store: Store, unnamed: Sequence[Failure]) -> list[Group]:
    """Group failures without numbers: by kind, target, and first message.

    If the same submissions report the same thing in several questions, that is one group: a file
    that cannot be imported fails everything in it.
    """
    by_gist: dict[tuple[str, Verdict, str], list[Failure]] = defaultdict(list)
    for one in unnamed:
        first = said(store, one.result)
        if first.kind is not None:
            # All that is known about a training is its accuracy: another one is another failure.
            gist = first.message if one.check == "training" else first.gist
            by_gist[one.target, first.kind, gist].append(one)
    merged: dict[Hashable, list[Failure]] = defaultdict(list)
    for (_, kind, gist), alike in by_gist.items():
        owners = Owners.of([one.owners for one in alike])
        merged[kind, gist, owners.submissions].extend(alike)
    return [_group(store, alike) for alike in merged.values()]
