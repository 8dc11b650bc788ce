"""Naming a mistake: a submission's results compared with those that hypotheses would give.

A hypothesis is a known mistake, or the right computation with one change. It is named only if it
reproduces *every* result of the check, including right ones, or every result with a name such as
"dX", so that two mistakes in one submission are both found. Numbers are compared by their
signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from grader.verdict import EDIT, MISTAKE, Finding

from .signatures import SIGNATURE_RTOL, Signature

# Checks that compare the numbers of calls; the others have their own messages.
DIAGNOSED = ("values", "gradient", "behaviour", "element")
# Numbers that differ from the right ones by less than this many tolerances prove nothing.
FAR = 10.0
# Results of this many different sizes, and as many results with a verdict, have to agree before a
# mistake is named. Earlier results that it reproduces count, too.
SIZES = 3
# How many indistinguishable edits are mentioned at most: more would help nobody.
MOST = 3


@dataclass(frozen=True)
class Result:
    """One result of one case.

    Args:
        case: the case's key.
        inputs: the shapes of all arrays in the case.
        name: the name of the result, such as "gradients['W'] (m = 3)".
        found: what the submission returned; None if it is not an array.
        right: the right result.
        correct: whether the check accepts it (ties, for example, are not compared by signature).
        rtol: the tolerance for what was found.
        original: the name without the part that tells calls apart; "" if there is no such part.
        judged: whether it has a verdict; a result that waits for others is no evidence.
    """

    case: str
    inputs: tuple[tuple[int, ...], ...]
    name: str
    found: Signature | None
    right: Signature
    correct: bool
    rtol: float = SIGNATURE_RTOL
    original: str = ""
    judged: bool = True

    @property
    def group(self) -> str:
        """Return the name shared by the results of several calls."""
        return self.original or self.name


# For a case and a hypothesis, the results that it makes wrong; None means no array.
Effects = Callable[[str, str], Mapping[str, Signature | None]]


@dataclass(frozen=True)
class Hypotheses:
    """What may explain wrong numbers.

    Args:
        known: the sentence for every hypothesis, by id.
        effects: what a hypothesis does to the results of a case.
        kind: the kind of the findings, see `verdict.Finding`.
    """

    known: Mapping[str, str]
    effects: Effects
    kind: str = MISTAKE

    def of_all(
        self,
        results: Sequence[Result],
        before: Sequence[Result] = (),
        counted: Sequence[Result] = (),
    ) -> Finding | None:
        """Return what reproduces all results of a check.

        Args:
            results: the results of the check.
            before: results of earlier checks; an effect on them must show in them.
            counted: other results, of which only the number matters.
        """
        quickest, enough = sorted(results, key=_size), is_enough([*results, *before, *counted])
        whole = [i for i in self.known if enough and self._explains(quickest, i)]
        whole = [i for i in whole if self.fits(before, i)]
        return self.finding(whole, before)

    def of_group(
        self, results: Sequence[Result], name: str, before: Sequence[Result] = ()
    ) -> Finding | None:
        """Return what reproduces all results of one name and affects no right result of another."""
        own = sorted((x for x in results if x.group == name), key=_size)
        known = self.known if is_enough(own) else {}
        found = [i for i in known if self._explains(own, i) and self.fits(before, i)]
        return self.finding(self.best(found, results, name), before, (name,))

    def best(self, ids: Sequence[str], results: Sequence[Result], name: str) -> list[str]:
        """Return which of several hypotheses about the results of one name best fit the others.

        Preferred are those that affect no other result at all, or else those that make no right
        result wrong.
        """
        rest = [x for x in results if x.group != name]
        alone = [i for i in ids if not any(x.name in self.effects(x.case, i) for x in rest)]
        right = [x for x in rest if x.correct]
        return alone or [i for i in ids if self.fits(right, i)]

    def fits(self, results: Iterable[Result], hypothesis: str) -> bool:
        """Tell whether a hypothesis reproduces these results, wherever it affects them."""
        for result in results:
            made = self.effects(result.case, hypothesis)
            if result.name in made and not _same(made[result.name], result):
                return False
        return True

    def finding(
        self,
        ids: Sequence[str],
        before: Sequence[Result],
        names: tuple[str, ...] = (),
        scale: str = "{}",
    ) -> Finding | None:
        """Return the finding for hypotheses that explain the same results; None if there are none.

        A hypothesis that shows in earlier results, and fits them, is more likely than one that does
        not. A factor on top of it is not a consequence of it. If earlier results are wrong and an
        edit shows in none of them, they may be the cause: nothing is said.
        """
        shown = [i for i in ids if any(x.name in self.effects(x.case, i) for x in before)]
        sentences = tuple(dict.fromkeys(self.known[i] for i in shown or ids))
        is_cause_open = not shown and any(x.judged and not x.correct for x in before)
        if self.kind == EDIT and (len(sentences) > MOST or is_cause_open):
            return None
        apart = not shown or scale != "{}"
        return Finding(sentences, names, self.kind, scale, apart=apart) if sentences else None

    def _explains(self, results: Sequence[Result], hypothesis: str) -> bool:
        """Tell whether a hypothesis reproduces exactly these results, and not only by chance.

        Results that wait for others have to fit as well, but prove nothing by themselves.
        """
        hit = False
        for result in results:
            made = self.effects(result.case, hypothesis)
            changed = result.name in made
            if not changed and not result.correct:
                return False
            if changed and not _same(made[result.name], result):
                return False
            if result.found is not None and result.judged:
                hit = hit or (changed and _is_far(made[result.name], result))
        return hit


def _size(result: Result) -> int:
    """Return how many numbers a case involves: a mismatch shows best in a small one."""
    return sum(map(prod, result.inputs))


def wrong_names(results: Iterable[Result]) -> tuple[str, ...]:
    """Return the names of the results with wrong numbers; only those can prove a mistake."""
    return tuple(dict.fromkeys(x.group for x in results if not x.correct and x.found is not None))


def is_enough(results: Sequence[Result]) -> bool:
    """Tell whether there are enough results to prove something, both in sizes and in verdicts."""
    there = [result for result in results if result.found is not None]
    judged = sum(result.judged for result in there)
    return len({(x.inputs, x.right.shape) for x in there}) >= SIZES and judged >= SIZES


def _same(predicted: Signature | None, result: Result) -> bool:
    if predicted is None or result.found is None:
        return predicted is result.found
    return predicted.equals(result.found, result.rtol)


def _is_far(predicted: Signature | None, result: Result) -> bool:
    """Tell whether a mistake's numbers are far from the right ones, so that a match proves it."""
    return predicted is not None and not predicted.equals(result.right, FAR * result.rtol)
