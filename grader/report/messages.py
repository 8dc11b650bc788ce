"""The text of one line of the report, the same in every format."""

from __future__ import annotations

from collections.abc import Sequence

from grader.verdict import CaseResult, CheckResult, Verdict

# A check has up to 18 cases; more than this many different messages help nobody.
MOST_MESSAGES = 3
MOST_NAMES = 4


def explain(result: CheckResult) -> str:
    """Return what a student reads below a line: failures grouped, what is right, advice."""
    failed = [case for case in result.cases if case.verdict is not Verdict.PASSED]
    passed = [case for case in result.cases if case.verdict is Verdict.PASSED]
    parts = _failures(failed, alone=len(result.cases) == 1 or not passed)
    if failed and passed:
        parts.append(f"Right: {_names(passed)}.")
    if not failed:
        parts += [case.message for case in passed if case.message]
    advice = dict.fromkeys(text for case in result.cases for text in case.advice)
    parts += [f"Advice (no points): {text}" for text in advice]
    if result.printed:
        parts.append("Your code printed:\n" + _indented(result.printed.rstrip("\n")))
    return "\n".join(parts)


def _failures(failed: Sequence[CaseResult], alone: bool) -> list[str]:
    """Say every message once, with the cases it is about."""
    groups: dict[str, list[CaseResult]] = {}
    for case in failed:
        groups.setdefault(case.message, []).append(case)
    shown = list(groups.items())[:MOST_MESSAGES]
    everything = alone and len(groups) == 1
    lines = [text if everything else _about(cases, text) for text, cases in shown]
    rest = sum(len(cases) for _, cases in list(groups.items())[MOST_MESSAGES:])
    more = "1 more case is" if rest == 1 else f"{rest} more cases are"
    return [*lines, f"{more} not right."] if rest else lines


def _about(cases: Sequence[CaseResult], text: str) -> str:
    """Put the cases before a message, without saying the name of a result twice."""
    case, _, result = cases[0].name.rpartition(": ")
    once = len(cases) == 1 and case and text.startswith(f"{result} ")
    return f"{case if once else _names(cases)}: {text}"


def _names(cases: Sequence[CaseResult]) -> str:
    names = [case.name for case in cases]
    more = len(names) - MOST_NAMES
    return "; ".join(names[:MOST_NAMES]) + (f"; and {more} more" if more > 0 else "")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def clean(text: str) -> str:
    """Replace control characters (terminal escapes among them), which come from a submission."""
    return "".join(c if c in "\n\t" or c.isprintable() else "?" for c in text)
