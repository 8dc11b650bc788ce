"""What mistakes cost, and how much of that is lost in checks that test something else.

A mistake should cost points where it is made. What it loses in another check is charged twice;
some of that is deserved (a correct shape earns nothing until its numbers are correct), the rest
comes from cases that are too special for what they test. The catalogue's `charges.txt` limits how
much a target's mistakes may lose elsewhere, so that a new case cannot raise it unnoticed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from grader.answers import Entry
from grader.assignment import Target
from grader.errors import UsageError

from .trials import Outcome

FILE = "charges.txt"
_NUMBERS = {"forward": "values", "predict": "values", "backward": "gradient"}
_OTHERS = ("behaviour", "shape", "batching", "training", "element")


@dataclass(frozen=True)
class Charge:
    """The points that mistakes lose: in the checks that they are about, and elsewhere.

    `waiting` is the part of `elsewhere` that waits for something that is wrong in another check.
    """

    own: float = 0.0
    elsewhere: float = 0.0
    waiting: float = 0.0

    def __add__(self, other: Charge) -> Charge:
        """Return the sum."""
        return Charge(
            self.own + other.own,
            self.elsewhere + other.elsewhere,
            self.waiting + other.waiting,
        )


def about(entry: Entry) -> frozenset[str]:
    """Return the checks that a mistake is about.

    A wrong `forward` is about the values, a wrong `backward` about the gradient. If all numbers
    from single calls are correct, a mistake is about the first of these that it fails: behaviour,
    shape, loops.
    """
    numbers = {"values", "gradient"} & entry.verdicts.keys()
    if numbers:
        return frozenset({_NUMBERS[x] for x in _methods(entry.code)} & numbers or numbers)
    return frozenset([check for check in _OTHERS if check in entry.verdicts][:1])


def _methods(code: str) -> set[str]:
    return {
        node.name
        for owner in ast.parse(code).body
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.FunctionDef) and node.name in _NUMBERS
    }


def charge(outcome: Outcome) -> Charge:
    """Return what the mistake in an outcome lost."""
    own = about(outcome.trial.entry)
    lost = {check: points for check, points in outcome.lost.items() if check not in own}
    return Charge(
        sum(outcome.lost[check] for check in own),
        sum(lost.values()),
        sum(outcome.waiting[check] for check in lost),
    )


def charges(rubric: Sequence[Target], outcomes: Sequence[Outcome]) -> dict[str, Charge]:
    """Return the total that the known mistakes of every target lost."""
    found: dict[str, Charge] = {}
    for target in rubric:
        own = [x for x in outcomes if x.trial.kind == "mistake"]
        own = [x for x in own if x.trial.entry.target == target.name]
        if own and target.total:
            found[target.name] = sum((charge(x) for x in own), Charge())
    return found


def table(found: Mapping[str, Charge]) -> Table:
    """Return the table: points lost where the mistakes are, elsewhere, and the waiting part."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("points that the mistakes lose", no_wrap=True)
    for name in ("where they are", "elsewhere", "of these, waiting"):
        shown.add_column(name, justify="right")
    for name, one in found.items():
        shown.add_row(name, *_cells(one))
    shown.add_row("all", *_cells(sum(found.values(), Charge())), style="bold")
    return shown


def listed(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield one line for every known mistake that loses points elsewhere."""
    for outcome in outcomes:
        one = charge(outcome)
        if outcome.trial.kind == "mistake" and round(one.elsewhere, 2):
            own = about(outcome.trial.entry)
            more = [f"{c} {x:.2f}" for c, x in outcome.lost.items() if c not in own and x]
            where = " and ".join(sorted(own))
            yield f"{outcome.trial.entry.id}: {where} {one.own:.2f}; {', '.join(more)}"


def _cells(one: Charge) -> list[str]:
    return [f"{points:.2f}" for points in (one.own, one.elsewhere, one.waiting)]


def too_much(found: Mapping[str, Charge], folder: Path) -> list[str]:
    """Say which targets' mistakes lose more elsewhere than the catalogue's `charges.txt` allows.

    Raises:
        UsageError: the file is not valid.
    """
    most = allowed(folder)
    return [
        f"{name}: mistakes lose {one.elsewhere:.2f} points in checks that they are not about; "
        f"{FILE} allows {most[name]:.2f}."
        for name, one in found.items()
        if name in most and one.elsewhere > most[name] + 0.005
    ]


def allowed(folder: Path) -> dict[str, float]:
    """Return how much every target's mistakes may lose elsewhere; empty if there is no file.

    Raises:
        UsageError: a line is not a name and a number.
    """
    path, found = folder / FILE, dict[str, float]()
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        if line and not line.startswith("#"):
            name, _, points = line.partition(" ")
            try:
                found[name] = float(points)
            except ValueError as error:
                raise UsageError(f"{path}: {line!r} is no target and number.") from error
    return found
