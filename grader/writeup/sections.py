"""The parts of a writeup: what comes before the first question, and a section per question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.assignment import TEXT_HOLE

_NUMBERED = re.compile(r"\W*(?:question|problem|exercise)?\W*\d+\.\d", re.IGNORECASE)
Blocks = list[Any]


@dataclass
class Sections:
    """The blocks of a document by question, in the document's order.

    Args:
        opening: what comes before the first question: name, SID, collaborators.
        by_question: what was written under its heading, or headings.
        repeated: questions with several headings.
        unknown: headings with a number that no question has.
    """

    opening: Blocks = field(default_factory=list)
    by_question: dict[str, Blocks] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def divided(blocks: Sequence[Any], questions: Sequence[str]) -> Sections:
    """Return the sections of a document.

    A heading belongs to a question if it starts with its number: "3.1 ReLU", "Question 3.1" or
    "(3.1)". A chapter heading, above those of questions, belongs to the question after it.
    """
    found = Sections()
    chapter: Blocks = []
    current, level = found.opening, 0
    for block in blocks:
        question = _question(block, questions)
        if question:
            again = [block] if question in found.by_question else []
            found.repeated += [question] if again else []
            current, level = found.by_question.setdefault(question, []), block["c"][0]
            current += again
            current += _worth(chapter)
            chapter = []
        elif _NUMBERED.match(text := _heading(block)):
            found.unknown.append(text.strip())
            current.append(block)
        elif level and (chapter or (block["t"] == "Header" and block["c"][0] < level)):
            chapter.append(block)
        else:
            current.append(block)
    current += _worth(chapter)
    return found


def _worth(chapter: Blocks) -> Blocks:
    """Return the opening of a chapter, or nothing if that is only its heading."""
    return chapter if any(one["t"] != "Header" for one in chapter) else []


def _heading(block: Any) -> str:
    return text_of(block["c"][2]) if block["t"] == "Header" else ""


def _question(block: Any, questions: Sequence[str]) -> str:
    """Return the question that this heading belongs to, "" if it is not one."""
    if block["t"] != "Header":
        return ""
    names = "|".join(re.escape(name) for name in sorted(questions, key=len, reverse=True))
    words = r"(?:(?:question|problem|exercise|part|task|q)\b)?"
    begin = rf"\W*{words}\W*({names})(?!\.?\w)"
    match = re.match(begin, text_of(block["c"][2]), re.IGNORECASE)
    return match[1] if match else ""


def is_begun(blocks: Sequence[Any], template: Sequence[Any]) -> bool:
    """Tell whether a section has more than the template's text."""
    return _words(blocks) not in ("", _words(template))


def has_hole(blocks: Sequence[Any]) -> bool:
    """Tell whether a section still says that a derivation has to be written."""
    return TEXT_HOLE in " ".join(text_of(blocks).split())


def _words(blocks: Sequence[Any]) -> str:
    """Return the text of a section, without headings and the hole."""
    text = text_of([block for block in blocks if block["t"] != "Header"])
    return " ".join(re.sub(rf"<!--|-->|{TEXT_HOLE}", " ", " ".join(text.split())).split())


def text_of(content: Any) -> str:
    """Return the text of a part of a document, including formulas and comments."""
    if isinstance(content, list):
        return "".join(map(text_of, content))
    if not isinstance(content, dict):
        return ""
    kind, inside = str(content.get("t")), content.get("c", [])
    if kind == "Str":
        return str(inside)
    if kind in ("Math", "Code", "CodeBlock", "RawBlock", "RawInline"):
        return f" {inside[1]} "
    # A picture counts as writing, whatever it shows.
    return f"{' image ' if kind == 'Image' else ''}{text_of(inside)} "
