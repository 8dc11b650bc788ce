"""The pictures of a check: one set for every case that has evidence."""

from __future__ import annotations

from dataclasses import replace

from grader.evidence import Evidence, Series, Training
from grader.evidence import Table as Inputs
from grader.judging import Line

from . import charts
from .figures import Figure, Table
from .heatmaps import heat_maps
from .messages import cell
from .trainings import training


def pictures_of(line: Line, key: str) -> tuple[Figure, ...]:
    """Return the pictures of a line.

    Args:
        line: what was graded.
        key: its anchor on the page.
    """
    return tuple(
        figure_of(f"{key}-{i}", line.check, case.name, case.evidence)
        for i, case in enumerate(line.result.cases)
        if case.evidence is not None
    )


def inputs_of(table: Inputs) -> Table:
    """Return the inputs shown next to results as a table for the page."""
    rows = [(label, *map(cell, table.columns, numbers)) for label, numbers in table.rows]
    return Table("Inputs and results", ("entry", *table.columns), tuple(rows))


def figure_of(key: str, check: str, name: str, evidence: Evidence) -> Figure:
    """Return the pictures of one case: maps, and a scatter plot for a large enough gradient.

    Args:
        key: part of the ids in the pictures, unique on a page.
        check: the check that the case belongs to.
        name: the case's name.
        evidence: what the failure looked like.
    """
    if isinstance(evidence, Training):
        return training(key, "training", evidence)
    if isinstance(evidence, Series):
        return charts.series(key, name, evidence)
    figure = heat_maps(key, name, evidence)
    if check != "gradient" or evidence.found.size == 1:
        return figure
    chart, words = charts.scatter(f"{key}-dots", evidence)
    return replace(figure, charts=(chart,), notes=(*figure.notes, words))
