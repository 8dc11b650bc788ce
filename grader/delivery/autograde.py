"""One run on Gradescope: from /autograder/submission to /autograder/results/results.json.

Whatever happens, there are complete, valid results at the end: a grade; or the reason why nothing
could be graded; or the report that the autograder failed, which is not the student's mistake.
Missing or malformed metadata affects only what depends on it.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from grader.answers import choose
from grader.assignment import Assignment, RateLimit
from grader.errors import UsageError
from grader.judging import Grade
from grader.limits import Limits
from grader.report import gradescope
from grader.running import UNFINISHED, failed, grade, not_run
from grader.submission import find
from grader.verdict import Verdict

# Gradescope ends a run after TIMEOUT_SECONDS if that is set, otherwise after 600 s; this much is
# reserved for startup and reporting.
TIMEOUT, RESERVE = 600.0, 30.0
Results = dict[str, Any]
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


def run(
    assignment: Assignment, root: Path, environ: Mapping[str, str], require: str = "uid"
) -> Results:
    """Grade a folder laid out as Gradescope's /autograder; return the results.

    Args:
        assignment: the assignment to grade.
        root: contains `submission`, `submission_metadata.json` and `results`.
        environ: the environment; `TIMEOUT_SECONDS` is the platform's limit.
        require: the minimum isolation; with less, nothing is graded.
    """
    out = root / "results" / "results.json"
    gradescope.write(out, gradescope.results(not_run(assignment, UNFINISHED)))
    metadata, limit = read_metadata(root / "submission_metadata.json"), assignment.rate_limit
    try:
        results = refused(metadata, limit)
        if results is None:
            results = _results(assignment, root / "submission", limits(environ), require)
            times = graded_times(metadata, limit, counts=_was_graded(results))
            results["extra_data"]["graded"] = times
    except Exception:  # noqa: BLE001 - whatever the platform's metadata is like
        results = gradescope.results(failed(assignment, traceback.format_exc(limit=-3)))
    gradescope.write(out, results)
    return results


def _results(assignment: Assignment, folder: Path, ceilings: Limits, require: str) -> Results:
    """Grade; whatever fails on our side, return results that can be written."""
    try:
        results = gradescope.results(_graded(assignment, folder, ceilings, require), "html")
        gradescope.text(results)
    except UsageError as error:  # about the machine: the submission was found
        return gradescope.results(failed(assignment, str(error)))
    except Exception:  # noqa: BLE001 - no bug of ours may leave a student without results
        return gradescope.results(failed(assignment, traceback.format_exc(limit=-3)))
    return results


def _graded(assignment: Assignment, folder: Path, ceilings: Limits, require: str) -> Grade:
    try:
        found = find(folder, assignment, always_choose=True)
        submission = replace(found, source=folder.name)  # hides the container's path
    except UsageError as error:
        return not_run(assignment, str(error))
    oracle = choose(assignment, "live")
    seed = oracle.default_seed()
    return grade(assignment, submission, oracle, seed=seed, limits=ceilings, require=require)


def limits(environ: Mapping[str, str]) -> Limits:
    """Return the limits of a run, within the platform's own."""
    try:
        seconds = float(environ.get("TIMEOUT_SECONDS", TIMEOUT))
    except ValueError:
        seconds = TIMEOUT
    sane = seconds if 0 < seconds < 24 * 3600 else TIMEOUT
    return Limits(run=max(sane - RESERVE, sane / 2))


def read_metadata(path: Path) -> dict[str, Any]:
    """Return submission_metadata.json, or nothing if it is missing or invalid."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def refused(metadata: Mapping[str, Any], limit: RateLimit | None) -> Results | None:
    """Return the previous results, with a note on top, if this submission exceeds the rate limit.

    The window is counted back from the time of this submission, not from now, so regrading later
    refuses nobody. Runs in which the autograder failed, or graded nothing, do not count.
    """
    now, earlier = _time(metadata.get("created_at")), _previous(metadata)
    found = [one["results"] for one in earlier if _is_whole(one.get("results"))]
    kept = [results for results in found if _was_graded(results)]
    if limit is None or now is None or not kept:
        return None
    since = now - timedelta(hours=limit.hours)
    counted = sorted(time for time in _counted(earlier) if since < time < now)
    if len(counted) < limit.submissions:
        return None
    next_time = counted[-limit.submissions] + timedelta(hours=limit.hours)
    text = (
        f"You can submit {limit.submissions} times in {limit.hours:g} hours. This submission was "
        f"not graded; the result below is from an earlier one. Grading resumes "
        f"at {next_time:%Y-%m-%d %H:%M %Z}."
    )
    return {**kept[-1], "output": text, "output_format": "text"}


def graded_times(
    metadata: Mapping[str, Any], limit: RateLimit | None, counts: bool = True
) -> list[str]:
    """Return when this submission and the earlier ones that were graded were handed in.

    The results carry this list along: the platform returns only the results of the latest
    submission, and a refused one must not count.

    Args:
        metadata: that of this submission.
        limit: the rate limit; None for none.
        counts: whether this submission was graded.
    """
    now = _time(metadata.get("created_at"))
    if limit is None or now is None:
        return []
    times = (*_counted(_previous(metadata)), *([now] if counts else []))
    return [time.isoformat() for time in times]


def _previous(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the earlier submissions, oldest first, without those with an `autograder_error`."""
    previous = metadata.get("previous_submissions")
    found = previous if isinstance(previous, list) else []
    kept = [one for one in found if isinstance(one, dict) and not one.get("autograder_error")]
    return sorted(kept, key=lambda one: _time(one.get("submission_time")) or _LONG_AGO)


def _counted(earlier: Sequence[Mapping[str, Any]]) -> list[datetime]:
    """Return when the earlier graded submissions were handed in.

    The latest results with such a list are authoritative: they include what earlier ones recorded.
    """
    times: object = [x.get("submission_time") for x in earlier if _was_graded(x.get("results"))]
    for one in earlier:
        if _is_whole(one.get("results")):
            extra = one["results"].get("extra_data")
            times = extra.get("graded", times) if isinstance(extra, dict) else times
    found = times if isinstance(times, list) else []
    return [time for value in found if (time := _time(value))]


def _is_whole(results: object) -> bool:
    """Tell whether earlier results can be returned unchanged."""
    if not isinstance(results, dict) or not isinstance(results.get("tests"), list):
        return False
    try:
        gradescope.text(results).encode()
    except ValueError:
        return False
    return bool(results["tests"]) and all(isinstance(test, dict) for test in results["tests"])


def _was_graded(results: object) -> bool:
    """Tell whether results are a grade, as far as they say; otherwise nothing ran, or we failed."""
    tests = results.get("tests") if isinstance(results, dict) else None
    found = [test for test in tests if isinstance(test, dict)] if isinstance(tests, list) else []
    extras = [test.get("extra_data") for test in found]
    verdicts = [extra.get("verdict") for extra in extras if isinstance(extra, dict)]
    nothing_ran = bool(verdicts) and all(verdict == Verdict.NOT_RUN for verdict in verdicts)
    return Verdict.HARNESS_FAULT not in verdicts and not nothing_ran


def _time(value: object) -> datetime | None:
    """Return an ISO time with its offset, or None if it is invalid."""
    try:
        time = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    # Years near either end of the range leave no room to count back from.
    return time if time.tzinfo and 1970 < time.year < 9000 else None
