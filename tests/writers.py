"""Write every report of a grade, and check what must hold for any grade."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from io import StringIO
from xml.etree import ElementTree as ET

from rich.console import Console

from grader.judging import Grade, Rerun
from grader.report import formats, gradescope, html, terminal

# The most bytes that a report of one question may have, whatever its worker sent: a page with
# pictures, and all others.
LARGEST_PAGE, LARGEST = 2**20, 2**18
_ODD = re.compile(r' (?:[xy][12]?|c[xy]|r|width|height|points|viewBox)="[^"]*(?:nan|inf|e\+)')


class Fault(Exception):
    """Odd replies led to a report that no grader may produce."""


def write_all(
    grade: Grade,
    forms: Sequence[str] = ("text", "html"),
    details: Sequence[terminal.Detail] = tuple(terminal.Detail),
) -> dict[str, int]:
    """Write every report of a grade of one question; return their sizes.

    Args:
        grade: what to report.
        forms: the formats of the texts in results.json.
        details: how much is printed on a terminal.

    Raises:
        Fault: a report is too large, or not valid for its reader.
    """
    texts: dict[str, str] = {}
    json.dumps([line.result.to_json() for line in grade.lines])  # as they leave pytest
    for form in forms:
        value = gradescope.results(grade, form)
        for name, written in formats.FORMATS.items():
            texts[f"{name} of {form}"] = written(value, grade.assignment.total)
        json.loads(texts[f"gradescope of {form}"], parse_constant=_no_constant)
        ET.fromstring(texts[f"junit of {form}"])
        encoded = texts[f"classroom of {form}"].removeprefix("result=")
        json.loads(base64.b64decode(encoded), parse_constant=_no_constant)
    for detail in details:
        out = StringIO()
        terminal.show(grade, Console(file=out, width=80), detail)
        texts[f"the terminal, {detail.value}"] = out.getvalue()
    out = StringIO()
    terminal.show_rerun(Rerun((), grade, grade, {}), Console(file=out, width=80))
    texts["the terminal, after a save"] = out.getvalue()
    for name, text in texts.items():
        if odd := [c for c in text if not c.isprintable() and c not in "\n\t"]:
            raise Fault(f"{name} has {odd[0]!r}")
    page = html.render(grade)
    if found := _ODD.search(page):
        raise Fault(f"a picture has{found[0]}")
    sizes = {name: len(text.encode()) for name, text in {**texts, "page": page}.items()}
    for name, size in sizes.items():
        if size > (LARGEST_PAGE if name == "page" else LARGEST):
            raise Fault(f"{name} has {size} bytes")
    return sizes


def _no_constant(name: str) -> None:
    raise Fault(f"{name} is not JSON")
