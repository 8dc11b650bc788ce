"""The text of one line of the report, the same in every format."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from grader.verdict import CaseResult, CheckResult, Verdict

# A check has up to 18 cases; more than this many different messages help nobody.
MOST_MESSAGES = 3
MOST_NAMES = 4
PROVEN = "Your numbers are, in every case, exactly those of this mistake:"


def explain(result: CheckResult, everything: bool = False) -> str:
    """Return what a student reads below a line: failures grouped, what is right, advice.

    Args:
        result: of the check.
        everything: leave no message and no case out, however many there are.
    """
    failed = [case for case in result.cases if case.verdict is not Verdict.PASSED]
    passed = [case for case in result.cases if case.verdict is Verdict.PASSED]
    most = len(failed) if everything else MOST_MESSAGES if result.diagnosis is None else 1
    parts = _failures(failed, len(result.cases) == 1 or not passed, most)
    if result.diagnosis is not None:
        parts.insert(0, f"{PROVEN}\n{_indented(result.diagnosis)}")
    if failed and passed:
        parts.append(f"Right: {_names(passed)}.")
    if not failed:
        parts += [case.message for case in passed if case.message]
    advice = dict.fromkeys(text for case in result.cases for text in case.advice)
    parts += [f"Advice (no points): {text}" for text in advice]
    if result.printed:
        parts.append("Your code printed:\n" + _indented(result.printed.rstrip("\n")))
    return "\n".join(parts)


def _failures(failed: Sequence[CaseResult], alone: bool, most: int) -> list[str]:
    """Say every message once, with the cases it is about; the first `most` of them."""
    groups: dict[str, list[CaseResult]] = {}
    for case in failed:
        groups.setdefault(case.message, []).append(case)
    shown = list(groups.items())[:most]
    everything = alone and len(groups) == 1
    lines = [text if everything else _about(cases, text) for text, cases in shown]
    rest = sum(len(cases) for _, cases in list(groups.items())[most:])
    more = "1 more case is" if rest == 1 else f"{rest} more cases are"
    return [*lines, f"{more} not right."] if rest else lines


def _about(cases: Sequence[CaseResult], text: str) -> str:
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


_PLACE = re.compile(r"\b(\w+\.py), line (\d+)")
# Sequences that move the cursor, set colours or titles; then every other control character.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# What a CI service would take as a command to itself: `::error::` at the start of a line, `##[`.
_COMMANDS = re.compile(r"^(\s*):(?=:)|#(?=#\[)", re.MULTILINE)


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

    def clean(self, chunk: bytes) -> str:
        """Return the clean text of a chunk."""
        ends = re.split(r"(\r?\n|\r)", self._decode(chunk))
        return "".join(part if part in ("\r", "\n", "\r\n") else clean(part) for part in ends)
