"""One run on Gradescope: from /autograder/submission to /autograder/results/results.json.

Whatever happens, there are complete, valid results at the end: those of the grade; or why nothing
could be graded; or that the autograder failed, which is not the student's mistake. Metadata that is
missing or odd changes nothing but what depends on it.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from secrets import randbelow
from typing import Any

from .errors import UsageError
from .oracle import Oracle, choose
from .report import gradescope
from .rubric import RATE_LIMIT, RateLimit
from .runner import UNFINISHED, Grade, failed, grade, not_run
from .sandbox import Limits
from .submission import find

# Gradescope ends a run after TIMEOUT_SECONDS, if it says so, or 600 s; this much is kept for
# starting and reporting.
TIMEOUT, RESERVE = 600.0, 30.0
Results = dict[str, Any]


def run(root: Path, environ: Mapping[str, str], require: str = "uid") -> Results:
    """Grade what is below a folder laid out as Gradescope's /autograder; return the results.

    Args:
        root: holds `submission`, `submission_metadata.json` and `results`.
        environ: the environment; `TIMEOUT_SECONDS` is the platform's limit.
        require: the isolation without which nothing is graded.
    """
    out = root / "results" / "results.json"
    gradescope.write(out, gradescope.results(not_run(UNFINISHED)))
    try:
        metadata = read_metadata(root / "submission_metadata.json")
        results = refused(metadata, RATE_LIMIT) or gradescope.results(
            _graded(root / "submission", limits(environ), require)
        )
    except Exception:  # noqa: BLE001 - no fault of ours may leave a student without results
        results = gradescope.results(failed(traceback.format_exc(limit=-3)))
    gradescope.write(out, results)
    return results


def _graded(folder: Path, ceilings: Limits, require: str) -> Grade:
    try:
        submission = find(folder)
    except UsageError as error:
        return not_run(str(error))
    oracle: Oracle = choose("live")
    return grade(submission, oracle, seed=randbelow(2**32), limits=ceilings, require=require)


def limits(environ: Mapping[str, str]) -> Limits:
    """Return the limits of a run, below the platform's own."""
    try:
        seconds = float(environ.get("TIMEOUT_SECONDS", TIMEOUT))
    except ValueError:
        seconds = TIMEOUT
    sane = seconds if RESERVE < seconds < 24 * 3600 else TIMEOUT
    return Limits(run=max(sane - RESERVE, sane / 2))


def read_metadata(path: Path) -> dict[str, Any]:
    """Return submission_metadata.json, or nothing where it is missing or makes no sense."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def refused(metadata: Mapping[str, Any], limit: RateLimit | None) -> Results | None:
    """Return the previous results, with a word on top, if this submission is one too many.

    Counted back from the time of this submission, not from now: grading again later refuses
    nobody. Runs in which the autograder failed do not count.
    """
    now = _time(metadata.get("created_at"))
    previous = metadata.get("previous_submissions")
    if limit is None or now is None or not isinstance(previous, list):
        return None
    earlier = [one for one in previous if isinstance(one, dict) and not one.get("autograder_error")]
    times = [time for one in earlier if (time := _time(one.get("submission_time")))]
    since = now - timedelta(hours=limit.hours)
    counted = sorted(time for time in times if since < time < now)
    kept = [one["results"] for one in earlier if isinstance(one.get("results"), dict)]
    kept = [one for one in kept if isinstance(one.get("tests"), list)]
    if len(counted) < limit.submissions or not kept:
        return None
    next_time = counted[-limit.submissions] + timedelta(hours=limit.hours)
    text = (
        f"You can hand in {limit.submissions} times in {limit.hours:g} hours; this submission was "
        f"not graded, and what follows is the result of an earlier one. The next one is graded "
        f"from {next_time:%Y-%m-%d %H:%M %Z} on."
    )
    return {**kept[-1], "output": text, "output_format": "text"}


def _time(value: object) -> datetime | None:
    """Return an ISO time with its offset, or None."""
    try:
        time = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else None
