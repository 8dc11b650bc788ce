"""The text of one line of the report, the same in every format."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.verdict import CaseResult, CheckResult, Verdict

WORDS = {
    Verdict.PASSED: "passed",
    Verdict.PARTLY: "partly",
    Verdict.FAILED: "wrong",
    Verdict.NOT_IMPLEMENTED: "not implemented",
    Verdict.RAISED: "raised an error",
    Verdict.TIMED_OUT: "timed out",
    Verdict.CRASHED: "crashed",
    Verdict.BLOCKED: "blocked",
    Verdict.NOT_RUN: "not run",
    Verdict.HARNESS_FAULT: "GRADER FAILED",
}
# A check has up to 18 cases; more than this many different messages help nobody.
MOST_MESSAGES = 3
MOST_NAMES = 4
# Of what a submission prints, and of a whole message where a service shows only so much.
MOST_CHARACTERS = 4000
MOST_LINES = 10
PROVEN = "Your numbers are, in every case, exactly those of this mistake:"
ADVICE = "Advice (no points): "
PRINTED = "Your code printed:"


@dataclass(frozen=True)
class Account:
    """What there is to say about a check: failures grouped, what is right, advice, prints.

    `rest` is a sentence about the failed cases that no message of `failures` speaks of.
    """

    diagnosis: str
    failures: tuple[str, ...]
    rest: str
    right: str
    notes: tuple[str, ...]
    advice: tuple[str, ...]
    printed: str
    place: str = ""


def account(result: CheckResult, everything: bool = False) -> Account:
    """Return what a student reads below a line, in parts.

    Args:
        result: of the check.
        everything: leave no message and no case out, however many there are.
    """
    failed = [case for case in result.cases if case.verdict is not Verdict.PASSED]
    passed = [case for case in result.cases if case.verdict is Verdict.PASSED]
    most = len(failed) if everything else MOST_MESSAGES if result.diagnosis is None else 1
    failures, rest = _failures(failed, len(result.cases) == 1 or not passed, most)
    return Account(
        diagnosis=result.diagnosis or "",
        failures=tuple(failures),
        rest=rest,
        right=f"Right: {_names(passed)}." if failed and passed else "",
        notes=() if failed else tuple(case.message for case in passed if case.message),
        advice=tuple(dict.fromkeys(text for case in result.cases for text in case.advice)),
        printed=cut(_first_lines(result.printed.rstrip("\n"), everything)),
        place=_where(result.places, failures),
    )


def explain(result: CheckResult, everything: bool = False) -> str:
    """Return what a student reads below a line, as text."""
    return as_text(account(result, everything))


def as_text(said: Account) -> str:
    """Return what there is to say as text."""
    parts = [f"{PROVEN}\n{_indented(said.diagnosis)}"] if said.diagnosis else []
    parts += [*said.failures, *filter(None, (said.rest, said.place, said.right)), *said.notes]
    parts += [f"{ADVICE}{text}" for text in said.advice]
    if said.printed:
        parts.append(f"{PRINTED}\n{_indented(said.printed)}")
    return "\n".join(parts)


def _first_lines(text: str, everything: bool) -> str:
    """Return the first lines of what was printed, and how many there are."""
    lines = text.split("\n")
    if everything or len(lines) <= MOST_LINES:
        return text
    return "\n".join([*lines[:MOST_LINES], f"(cut: {len(lines)} lines were printed)"])


def _where(known: Sequence[str], failures: Sequence[str]) -> str:
    """Say where to look, unless a message has said it."""
    said = any(places(text) for text in failures)
    return f"See {' and '.join(known)}." if known and not said else ""


def cut(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return the start of a long text, with a note that it is cut."""
    return text if len(text) <= most else f"{text[:most]}\n(cut: it is {len(text)} long)"


def _failures(failed: Sequence[CaseResult], alone: bool, most: int) -> tuple[list[str], str]:
    """Say the first `most` messages once, with their cases; and how many cases are not said."""
    groups: dict[str, list[CaseResult]] = {}
    for case in failed:
        groups.setdefault(cause(case.message), []).append(case)
    found = list(groups.values())
    everything = alone and len(found) == 1
    texts = [cases[0].message for cases in found[:most]]
    lines = [
        text if everything else about(cases, text)
        for text, cases in zip(texts, found[:most], strict=True)
    ]
    rest = sum(len(cases) for cases in found[most:])
    more = "1 more case is" if rest == 1 else f"{rest} more cases are"
    return lines, f"{more} not right." if rest else ""


def cause(message: str) -> str:
    """Return what two messages share that tell of one thing.

    Those of one line of code may differ in sizes, and in the method that was called; those of a
    return that lacks in the shape that is due.
    """
    found = places(message)
    if not found:
        return message.partition(" is None; ")[0]
    before, raised, after = message.partition(" raised ")
    return f"{_SIZES.sub('', after if raised else before)}{found}"


def about(cases: Sequence[CaseResult], text: str) -> str:
    """Put the cases before a message, without saying the name of a result twice."""
    case, _, result = cases[0].name.rpartition(": ")
    if len(cases) == 1 and text.startswith(f"{result} "):
        return f"{case}: {text}" if case else text
    return f"{_names(cases)}: {text}"


def _names(cases: Sequence[CaseResult]) -> str:
    """Return the first names; the results of one case stand together."""
    groups: dict[str, list[str]] = {}
    for case in cases[:MOST_NAMES]:
        name, _, result = case.name.rpartition(": ")
        groups.setdefault(name, []).append(result)
    named = [f"{name}: {', '.join(x)}" if name else "; ".join(x) for name, x in groups.items()]
    more = len(cases) - MOST_NAMES
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def places(text: str) -> list[tuple[str, int]]:
    """Return the files and lines of a submission that a text speaks of."""
    return [(file, int(line)) for file, line in _PLACE.findall(text)]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


_SIZES = re.compile(r"\d+")
_PLACE = re.compile(r"\b(\w{1,80}\.py), line (\d{1,6})\b")
# Sequences that move the cursor, set colours or titles; then every other control character.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# What a CI service would take as a command to itself: `::error::` at the start of a line, `##[`,
# `##vso[`.
_COMMANDS = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\w*\[)", re.MULTILINE)


def clean(text: str) -> str:
    """Take out of a submission's text what a terminal or a CI service would act on."""
    text = _ESCAPES.sub("", text)
    text = "".join(c if c in "\n\t" or c.isprintable() else "?" for c in text)
    return _COMMANDS.sub(lambda found: f"{found[0]} ", text)


class Cleaner:
    """Cleans a stream of bytes line by line; a carriage return, as bars use it, ends one too."""

    def __init__(self) -> None:
        """Start with nothing left over."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._open = ""

    def clean(self, chunk: bytes) -> str:
        """Return the clean text of the lines that have ended; the start of another one is kept."""
        *lines, self._open = _LINES.split(self._open + self._decode(chunk))
        if len(self._open) > MOST_CHARACTERS:
            lines, self._open = [*lines, self._open, "\n"], ""
        return "".join(line if line in ("\r", "\n", "\r\n") else clean(line) for line in lines)

    def end(self) -> str:
        """Return the clean text of a last line that has not ended."""
        last, self._open = clean(self._open), ""
        return last


_LINES = re.compile(r"(\r\n|\n|\r)")
