"""What `grader validate` found, as a table and as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from rich.table import Table

from grader.assignment import Target
from grader.verdict import EDIT, MISTAKE, RELATION

from .trials import PASSED, Outcome


@dataclass
class Row:
    """The figures for one check of one target, or for all of its checks.

    A mistake that passes the check is counted only if its entry says that it must not pass.
    """

    mistakes: int = 0
    caught: int = 0
    through: int = 0
    named: int = 0
    related: int = 0
    edited: int = 0
    misnamed: int = 0
    honest: int = 0
    accused: int = 0
    mutants: int = 0
    survivors: int = 0

    def add(self, **figures: int) -> None:
        """Add figures by name."""
        for name, figure in figures.items():
            setattr(self, name, getattr(self, name) + figure)


HEADINGS = (
    "mistakes", "caught", "let through", "named", "related", "by an edit",
    "named wrongly", "honest", "accused", "mutants", "survive",
)  # fmt: skip


def table(rubric: Sequence[Target], outcomes: Sequence[Outcome]) -> Table:
    """Return the table: one row per target, with its checks below it."""
    shown = Table(box=None, pad_edge=False)
    for name in ("target", "check"):
        shown.add_column(name, no_wrap=True)
    for name in HEADINGS:
        shown.add_column(name, justify="right")
    total = Row()
    others = [x for x in outcomes if x.trial.kind == "other"]
    for target in rubric:
        own = [x for x in outcomes if x.trial.entry.target == target.name and x not in others]
        if own:
            row = of_target(own)
            total.add(**vars(row))
            shown.add_row(target.name, "", *_cells(row))
            for check in target.points:
                shown.add_row("", check, *_cells(of_check(own, target.name, check)))
    helpers = [x for x in outcomes if x.trial.entry.target == x.trial.entry.module]
    if helpers:
        row = of_target(helpers)
        total.add(**vars(row))
        modules = ", ".join(dict.fromkeys(x.trial.entry.module for x in helpers))
        shown.add_row(f"helpers of {modules}", "", *_cells(row))
    if others:
        row = of_target(others)
        total.add(**vars(row))
        shown.add_row("by someone else", "", *_cells(row))
    shown.add_row("all", "", *_cells(total), style="bold")
    return shown


def _cells(row: Row) -> list[str]:
    values = [getattr(row, one.name) for one in fields(row)]
    return [str(value) if value else "." for value in values]


def of_target(outcomes: Sequence[Outcome]) -> Row:
    """Return the figures for a target: a mistake is caught if any check is lost."""
    row = Row()
    for outcome in outcomes:
        match outcome.trial.kind:
            case "mistake" | "other":
                row.add(
                    mistakes=1,
                    caught=outcome.caught,
                    through=not outcome.caught,
                    named=outcome.named,
                    related=outcome.related,
                    edited=outcome.edited,
                    misnamed=bool(outcome.misnamed),
                )
            case "honest":
                row.add(honest=1, accused=outcome.caught)
            case _:
                row.add(mutants=1, survivors=not outcome.caught)
    return row


def of_check(outcomes: Sequence[Outcome], target: str, check: str) -> Row:
    """Return the figures for one check; "named" are mistakes diagnosed from its numbers."""
    row = Row()
    for outcome in outcomes:
        failed = outcome.verdicts[target][check] != PASSED
        match outcome.trial.kind:
            case "mistake":
                kinds = {one.kind for one in outcome.found.get(check, ())}
                due = check in outcome.trial.entry.verdicts
                row.add(
                    mistakes=due,
                    caught=due and failed,
                    through=due and not failed,
                    named=MISTAKE in kinds,
                    related=MISTAKE not in kinds and RELATION in kinds,
                    edited=kinds == {EDIT},
                )
            case "honest":
                row.add(honest=1, accused=failed)
            case _:
                pass
    return row
