"""Typst: the source of a writeup, compiled in its own folder, and queried for its pages.

The folder is the root of everything Typst reads. It is fresh, and contains copies of images and
nothing else; packages have nowhere to be stored, so none can be loaded.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst

from grader.errors import GraderError

from .appendix import Code, Snippet
from .literals import literal

TEMPLATE = Path(__file__).with_name("template.typ")
# Maximum number of displayed lines in one stretch of a file.
MAX_CODE_LINES = 40_000


@dataclass(frozen=True)
class Row:
    """What the page map says about a question.

    Args:
        question: its number.
        title: its title.
        missing: what is not there yet, in words.
        own: its pages in the student's own PDF, from 1.
    """

    question: str
    title: str
    missing: tuple[str, ...] = ()
    own: tuple[int, int] | None = None


@dataclass(frozen=True)
class Mark:
    """Where a part of a question begins or ends, as reported by the compiler."""

    question: str
    part: str
    edge: str
    page: int


class Typesetter:
    """Compiles Typst in a folder that contains only images."""

    def __init__(self, folder: Path, title: str) -> None:
        """Prepare the folder.

        Args:
            folder: the root; nothing outside of it is read.
            title: the document's title.
        """
        packages = folder / "packages"
        packages.touch()  # not a folder, so nothing can be stored in it
        self.folder = folder
        self._options = {
            "root": folder,
            "package_path": packages,
            "package_cache_path": packages,
            "font_paths": _fonts(),
        }
        self._start = f"#let title = {literal(title)}\n{TEMPLATE.read_text('utf-8')}\n"
        self._compiler = typst.Compiler(**self._options)

    def problem(self, parts: Sequence[str]) -> str:
        """Return why some markup cannot be typeset; "" if it can."""
        source = self._start + "\n\n".join(parts)
        try:
            self._compiler.compile(source.encode(), format="pdf")
        except typst.TypstError as error:
            return str(error.message).split("\n", 1)[0]
        return ""

    def pdf(self, body: str) -> tuple[bytes, list[Mark]]:
        """Return a PDF and the marks in it.

        Raises:
            GraderError: the template, or the markup generated from the text, is wrong.
        """
        source = self.folder / "main.typ"
        source.write_text(self._start + body, "utf-8")
        compiler = typst.Compiler(input=source, **self._options)
        try:
            made: Any = compiler.compile(format="pdf", timestamp=0)  # of one file: its bytes
            found = json.loads(compiler.query("<mark>", field="value"))
        except RuntimeError as error:  # TypstError is one; a query raises nothing else
            what = getattr(error, "message", error)
            raise GraderError(f"The writeup could not be typeset: {what}") from error
        return bytes(made), [Mark(**one) for one in found]


@cache
def _fonts() -> Any:
    """Return the compiler's fonts, then the machine's, for missing characters."""
    return typst.Fonts()


@contextlib.contextmanager
def typesetter(title: str, images: Mapping[str, bytes]) -> Iterator[Typesetter]:
    """Provide a typesetter, whose folder is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="grader-writeup-") as made:
        folder = Path(made).resolve()
        for name, content in images.items():
            (folder / name).write_bytes(content)
        yield Typesetter(folder, title)


def part(question: str, kind: str, name: str, body: str) -> str:
    """Return the markup for the derivation or the code of a question, on separate pages."""
    return f"#part({literal(question)}, {literal(kind)}, {literal(name)})[{body}]"


def title_page(title: str, opening: str, rows: Sequence[Row]) -> str:
    """Return the markup for the title page."""
    table = "".join(f"({_row(row)}), " for row in rows)
    return "\n\n".join(
        (
            '#mark("", "title", "begin")',
            f'#text(size: 20pt, weight: "bold", {literal(title)})',
            opening,
            f"#page-map(({table}))",
            '#mark("", "title", "end")',
        )
    )


def _row(row: Row) -> str:
    values: dict[str, Any] = {
        "question": literal(row.question),
        "title": literal(row.title),
        "missing": f"({''.join(f'{literal(x)}, ' for x in row.missing)})",
        "own": "none" if row.own is None else f"({row.own[0]}, {row.own[1]})",
    }
    return ", ".join(f"{name}: {value}" for name, value in values.items())


def room_for(pages: int) -> str:
    """Return the markup that makes page numbers skip as many pages."""
    return f"#pagebreak(weak: true)\n#counter(page).update(n => n + {pages})" if pages else ""


def listing(code: Code) -> str:
    """Return the markup for the code of a question."""
    missing = [f"#missing({literal(f'Not written yet: {one}')})" for one in code.missing]
    return "\n\n".join([*missing, *map(_snippet, code.snippets)])


def _snippet(snippet: Snippet) -> str:
    lines = snippet.lines[:MAX_CODE_LINES]
    numbers = "".join(f"{number}, " for number, _ in lines)
    source = literal("\n".join(text.expandtabs(4) for _, text in lines))
    return f"#code({literal(snippet.path)}, ({numbers}), {source})"
