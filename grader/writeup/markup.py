"""A pandoc document as Typst: every word of it in a literal, so that none can be code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.errors import UsageError

from .formulas import Formula, is_mathematics, shown, without_macros
from .literals import literal

# Maximum nesting of blocks and inlines: of those that keep their formatting, and of all.
SHOWN_DEPTH, MAX_DEPTH = 10, 60
_WRAPPED = {
    "Emph": "emph", "Strong": "strong", "Strikeout": "strike", "Superscript": "super",
    "Subscript": "sub", "SmallCaps": "smallcaps", "Underline": "underline",
}  # fmt: skip
_SPACES = {"Space": " ", "SoftBreak": " "}
_QUOTES = {"SingleQuote": "\u2018\u2019", "DoubleQuote": "\u201c\u201d"}
_ALIGNED = {"AlignLeft": "left", "AlignRight": "right", "AlignCenter": "center"}
_NEW_PAGE = re.compile(r"\s*\\(newpage|pagebreak|clearpage)\s*")
# A single backslash ends a line of a formula.
_LINE_END = re.compile(r"(?<!\\)\\\s")
_LONG = re.compile(r"\S{60}(?=\S)")
# HTML tags with a Markdown equivalent.
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_COMMENT = re.compile(r"\s*<!--.*?-->\s*", re.DOTALL)


@dataclass
class Writer:
    """Writes Typst.

    Args:
        formulas: by their text, and whether they are displayed.
        image: returns the name of an image's file in the document's folder, "" if there is none.
        strange: what was shown unchanged, in order.
    """

    formulas: Mapping[tuple[str, bool], Formula]
    image: Callable[[str], str]
    strange: list[str] = field(default_factory=list)
    depth: int = 0

    def blocks(self, blocks: Sequence[Any]) -> str:
        """Return the markup for a list of blocks."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UsageError("The text is nested too deeply to be typeset.")
        written = "\n\n".join(self._block(one["t"], one.get("c")) for one in blocks)
        self.depth -= 1
        return written

    def _block(self, kind: str, content: Any) -> str:
        written: str = getattr(self, f"_block_{kind}", self._nothing)(content)
        return written

    def _nothing(self, content: Any) -> str:
        return ""

    def _block_Para(self, content: Any) -> str:
        if len(content) == 1 and content[0]["t"] == "RawInline":
            return self._block_RawBlock(content[0]["c"])
        return self._inlines(content)

    def _block_Plain(self, content: Any) -> str:
        return self._inlines(content)

    def _block_Header(self, content: Any) -> str:
        return f"#heading(level: {min(content[0] + 1, 6)})[{self._inlines(content[2])}]"

    def _block_BlockQuote(self, content: Any) -> str:
        inside = self.blocks(content)
        return inside if self.depth >= SHOWN_DEPTH else f"#quote(block: true)[{inside}]"

    def _block_BulletList(self, content: Any) -> str:
        return self._list("list", "", content)

    def _block_OrderedList(self, content: Any) -> str:
        return self._list("enum", f"start: {max(int(content[0][0]), 0)}, ", content[1])

    def _list(self, kind: str, options: str, items: Sequence[Any]) -> str:
        inside = [self.blocks(one) for one in items]
        if self.depth >= SHOWN_DEPTH:
            return "\n\n".join(inside)
        return f"#{kind}({options}{', '.join(f'[{one}]' for one in inside)})"

    def _block_DefinitionList(self, content: Any) -> str:
        return "\n\n".join(
            f"#strong[{self._inlines(term)}]\n\n#pad(left: 1em)[{self._items_of(said)}]"
            for term, said in content
        )

    def _items_of(self, said: Sequence[Any]) -> str:
        return self.blocks([block for one in said for block in one])

    def _block_HorizontalRule(self, content: Any) -> str:
        return "#line(length: 100%, stroke: 0.5pt)"

    def _block_LineBlock(self, content: Any) -> str:
        return "#linebreak()".join(map(self._inlines, content))

    def _block_RawBlock(self, content: Any) -> str:
        return self._raw(content[0], content[1], apart=True)

    def _block_Figure(self, content: Any) -> str:
        caption = content[1][1]
        words = f"\n\n#emph[{self.blocks(caption)}]" if caption else ""
        return f"#align(center)[{self.blocks(content[2])}{words}]"

    def _block_Div(self, content: Any) -> str:
        return self.blocks(content[1])

    def _block_CodeBlock(self, content: Any) -> str:
        language = next(iter(content[0][1]), "")
        known = f"lang: {literal(language)}, " if language.isalnum() else ""
        return f"#raw({literal(content[1])}, {known}block: true)"

    def _block_Table(self, content: Any) -> str:
        columns, head, bodies = content[2], content[3], content[4]
        aligned = "".join(f"{_ALIGNED.get(one[0]['t'], 'auto')}, " for one in columns)
        rows = [*head[1], *(row for body in bodies for part in body[2:4] for row in part)]
        cells = [self._cell(cell) for row in rows for cell in row[1]]
        return f"#table(columns: {len(columns)}, align: ({aligned}), {', '.join(cells)})"

    def _cell(self, cell: Any) -> str:
        rows, columns = max(int(cell[2]), 1), max(int(cell[3]), 1)
        return f"table.cell(rowspan: {rows}, colspan: {columns})[{self.blocks(cell[4])}]"

    def _inlines(self, inlines: Sequence[Any]) -> str:
        """Return the markup for a list of inlines; adjacent words become one literal."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UsageError("The text is nested too deeply to be typeset.")
        parts, words = [], ""
        for one in (*inlines, None):
            kind = one["t"] if one else ""
            if one and (kind == "Str" or kind in _SPACES):
                words += _SPACES.get(kind) or one["c"]
                continue
            parts += [f"#{_broken(words)}"] if words else []
            words = ""
            parts += [self._inline(kind, one.get("c"))] if one else []
        self.depth -= 1
        return "".join(parts)

    def _inline(self, kind: str, content: Any) -> str:
        if kind in _WRAPPED:
            inside = self._inlines(content)
            return inside if self.depth >= SHOWN_DEPTH else f"#{_WRAPPED[kind]}[{inside}]"
        written: str = getattr(self, f"_inline_{kind}", self._nothing)(content)
        return written

    def _inline_Math(self, content: Any) -> str:
        return self._math(content[1], content[0]["t"] == "DisplayMath")

    def _inline_Code(self, content: Any) -> str:
        return f"#raw({_broken(content[1])})"

    def _inline_LineBreak(self, content: Any) -> str:
        return "#linebreak()"

    def _inline_Quoted(self, content: Any) -> str:
        quotes = _QUOTES[content[0]["t"]]
        return f"#{literal(quotes[0])}{self._inlines(content[1])}#{literal(quotes[1])}"

    def _inline_Link(self, content: Any) -> str:
        return self._inlines(content[1])

    def _inline_Span(self, content: Any) -> str:
        return self._inlines(content[1])

    def _inline_Cite(self, content: Any) -> str:
        return self._inlines(content[1])

    def _inline_Note(self, content: Any) -> str:
        return f"#footnote[{self.blocks(content)}]"

    def _inline_Image(self, content: Any) -> str:
        path = content[2][0]
        name = self.image(path)
        return f"#image({literal(name)})" if name else f"#refused({literal(path)}, false)"

    def _inline_RawInline(self, content: Any) -> str:
        return self._raw(content[0], content[1], apart=False)

    def _math(self, tex: str, is_display: bool) -> str:
        formula = self.formulas.get((tex, is_display))
        if formula is None:  # there are too many
            formula = Formula(tex, is_display, 0)
            if not without_macros(tex).strip():
                return ""
        typst = formula.typst or shown(formula)
        if not (is_display and formula.typst):
            return typst
        return f"#display({typst}, {1 + len(_LINE_END.findall(typst))})"

    def _raw(self, form: str, text: str, apart: bool) -> str:
        """Return formulas without dollars as formulas; other raw text unchanged."""
        if form in ("tex", "latex"):
            if is_mathematics(text):
                return self._math(text, is_display=True)
            text = without_macros(text).strip()
            if _NEW_PAGE.fullmatch(text):
                return "#pagebreak(weak: true)" if apart and self.depth == 1 else ""
        elif _BREAK.fullmatch(text.strip()):
            return "#linebreak()"
        text = _COMMENT.sub("", text)
        if not text.strip():
            return ""
        self.strange.append(text.strip())
        return f"#refused({_broken(text.strip())}, {str(apart).lower()})"


def _broken(text: str) -> str:
    """Return text as a literal whose very long words may be broken across lines."""
    return literal(_LONG.sub(lambda found: found[0] + "\u200b", text))
