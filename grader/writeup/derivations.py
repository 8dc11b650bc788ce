"""A student's writeup.md: its sections as Typst, and remarks about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .formulas import Formula, convert, place_of, refused_by
from .images import MAX_IMAGES
from .markup import Writer
from .pandoc import blocks_of
from .sections import Blocks, divided, has_hole, is_begun

NAME = "writeup.md"
# Maximum bytes of writeup.md, and number of remarks of one kind.
MAX_TEXT = 2_000_000
MAX_TOLD = 20
_MONEY = re.compile(r"\$\d")
_CLOSING = re.compile(r"\s*\${1,2}")


@dataclass
class Derivations:
    """What a student wrote.

    Args:
        source: the text of the file.
        opening: what comes before the first question.
        sections: by question.
        formulas: by text and kind.
        images: names of files in the document's folder, by path in the submission.
        remarks: what went wrong, with its location.
    """

    source: str
    opening: Blocks
    sections: dict[str, Blocks]
    formulas: dict[tuple[str, bool], Formula] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def begun(self, template: Mapping[str, Sequence[Any]]) -> dict[str, bool]:
        """Return the questions with any derivation, and whether it is more than just started."""
        return {
            name: not has_hole(blocks)
            for name, blocks in self.sections.items()
            if is_begun(blocks, template.get(name, []))
        }

    def markup(self, blocks: Sequence[Any]) -> str:
        """Return a list of blocks as Typst."""
        writer = Writer(self.formulas, lambda path: self.images.get(path, ""))
        text = writer.blocks(blocks)
        for strange in writer.strange[: 2 * MAX_TOLD]:
            line = place_of(max(self.source.find(strange), 0), self.source).line
            what = strange.split("\n", 1)[0][:60]
            self.tell(f"line {line}: {what!r} is shown as it is written")
        return text

    def tell(self, remark: str) -> None:
        """Add a remark, unless it was already made."""
        if (said := f"{NAME}, {remark}") not in self.remarks:
            self.remarks.append(said)

    def tell_of_image(self, path: str, what: str) -> None:
        """Add a remark about an image, with its line."""
        at = self.source.find(path)
        line = f"line {place_of(at, self.source).line}: " if at >= 0 else ""
        self.tell(f"{line}the image {path} {what}")

    @property
    def told(self) -> list[str]:
        """Return the remarks, up to a maximum number."""
        more = len(self.remarks) - MAX_TOLD
        return [*self.remarks[:MAX_TOLD], *([f"{NAME}: {more} more remarks"] if more > 0 else [])]

    def without_refused(self, problem: Any) -> None:
        """Mark formulas and images that cannot be typeset, to be shown as they were written."""
        formulas = [one for one in self.formulas.values() if one.typst]
        for number, reason in refused_by([one.typst for one in formulas], problem).items():
            one = formulas[number]
            self.formulas[one.tex, one.is_display] = replace(one, typst="")
            place = place_of(one.start, self.source)
            self.tell(
                f"line {place.line}, column {place.column}: this cannot be typeset ({reason})"
            )
        names = list(self.images)
        markup = [f'#image("{self.images[name]}")' for name in names]
        for number in refused_by(markup, problem):
            del self.images[names[number]]
            self.tell_of_image(names[number], "is damaged")


def read(content: bytes, questions: Sequence[str]) -> Derivations:
    """Return the derivations in a file.

    Raises:
        UsageError: pandoc cannot read it.
    """
    source = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    source = source.replace("\0", "\ufffd")
    blocks = blocks_of(source)
    found = divided(blocks, questions)
    formulas, troubles = convert(blocks, source)
    made = Derivations(source, found.opening, found.by_question, formulas)
    if content.decode("utf-8", "ignore").encode() != content:
        made.tell("some of it is not UTF-8: those characters are lost")
    for trouble in troubles:
        made.tell(trouble)
    for heading in found.unknown:
        made.tell(f"no question with a derivation has the number of the heading {heading!r}")
    for question in dict.fromkeys(found.repeated):
        made.tell(f"question {question} has several headings; its sections are joined")
    for text, line in _dollars(blocks, source):
        made.tell(
            f"line {line}: {text!r} does not delimit a formula (which has no blank line, and no "
            "space after a single dollar)"
        )
    return made


def _dollars(blocks: Any, source: str) -> Iterator[tuple[str, int]]:
    """Yield words with stray dollar signs that are not amounts of money, with their lines."""
    at = 0
    for word, is_text in _words(blocks):
        found = source.find(word, at)
        if is_text and "$" in _MONEY.sub("", word):
            yield word[:30], place_of(max(found, at), source).line
        if found >= 0:
            end = None if is_text else _CLOSING.match(source, found + len(word))
            at = end.end() if end else found + len(word)


def _words(content: Any) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, in order, and whether each is a word."""
    if isinstance(content, list):
        for one in content:
            yield from _words(one)
    elif isinstance(content, dict):
        kind, inside = content.get("t"), content.get("c")
        if kind == "Str":
            yield str(inside), True
        elif kind in ("Code", "CodeBlock", "Math", "RawBlock", "RawInline"):
            yield str(inside[1]), False  # type: ignore[index]
        else:
            yield from _words(inside)


def images_of(blocks: Any) -> list[str]:
    """Return the paths of a document's images, as written."""
    found: list[str] = []

    def visit(content: Any) -> None:
        if isinstance(content, list):
            for one in content:
                visit(one)
        elif isinstance(content, dict):
            if content.get("t") == "Image":
                found.append(str(content["c"][2][0]))
            visit(content.get("c"))

    visit(blocks)
    return list(dict.fromkeys(found))[:MAX_IMAGES]
