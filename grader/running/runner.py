"""One grade from start to end: stage, run pytest over the checks, gather the verdicts."""

from __future__ import annotations

import contextlib
import io
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.answers import Oracle
from grader.arithmetic import undisturbed
from grader.assignment import Assignment, Target
from grader.errors import GraderError, UsageError, refusals
from grader.judging import Grade, lines_of
from grader.launching import Starter, starter
from grader.limits import Isolation, Limits
from grader.signals import interruptions_kept
from grader.submission import NOTHING, Submission, staging
from grader.verdict import CheckResult, Verdict, one_case

from .faults import fault_result, said
from .job import Job
from .plan import plan
from .sandboxes import Sandboxes

# What cannot be done where the machine has no more of what it takes.
GRADING = "The grading cannot go on"
CHECKS_FOLDER = Path(__file__).parent / "checks"
# Of pytest's own output, when a line of the report is lost.
MAX_LOG = 2000
NEEDED_PLUGINS = ("pytest_jsonreport.plugin", "pytest_metadata.plugin")
# What the checks have no use for: left out, a grade starts and ends a tenth of a second sooner.
UNUSED_PLUGINS = (
    *("cacheprovider", "doctest", "junitxml", "logging", "pastebin", "stepwise", "unittest"),
    *("capture", "debugging", "monkeypatch", "recwarn", "skipping", "subtests", "tmpdir"),
    *("faulthandler", "setuponly", "setupplan", "threadexception", "unraisableexception"),
    "warnings",
)


@undisturbed()
def grade(
    assignment: Assignment,
    submission: Submission,
    oracle: Oracle,
    targets: Sequence[Target] | None = None,
    seed: int = 0,
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda _: None,
    workers: Starter | None = None,
    require: str = "any",
    pictures: bool = False,
    kept: dict[str, CheckResult] | None = None,
) -> Grade:
    """Grade a submission; whatever its code does, every row of the rubric gets its line.

    Args:
        assignment: what is asked.
        submission: what was handed in.
        oracle: the right answers.
        targets: the rows of the rubric to grade; None for all.
        seed: fixes every input.
        limits: ceilings of calls and checks.
        progress: told what is graded now.
        workers: starts the processes of the submission's code; closed at the end.
        require: the isolation without which nothing is run, one of `limits.LEVELS`.
        pictures: keep the evidence of failures, on lines that students see.
        kept: takes the results by the names of target and check, as "activations.ReLU-values",
            before anything is said of points.

    Raises:
        UsageError: the machine lacks what no grade can do without, such as room for files.
    """
    start, ceilings = time.monotonic(), limits or Limits()
    job = Job(
        assignment, assignment.rubric if targets is None else targets, submission,
        plan(assignment, oracle, seed), ceilings, start + ceilings.run, workers or starter(),
        progress, pictures,
    )  # fmt: skip
    results: dict[str, CheckResult] = {} if kept is None else kept
    with interruptions_kept():
        isolation, log = _run_checks(job, require, results)
    lines, seconds = lines_of(job.targets, results, fault_result(log)), time.monotonic() - start
    return Grade(assignment, lines, seed, oracle.name, seconds, submission, isolation)


def _run_checks(
    job: Job, require: str, results: dict[str, CheckResult]
) -> tuple[Isolation | None, str]:
    """Run all checks; return what isolation there was, and what a line without a result says."""
    isolation = None
    try:
        job.plan.draw(job.targets)
        from . import plugin  # noqa: F401, PLC0415 - and with it pytest, while the launcher starts

        isolation = job.starter.isolation
        isolation.require(require)
        with (
            refusals(GRADING, every=False),
            staging(job.assignment, job.submission, isolation.level == "uid") as staged,
            Sandboxes(job, staged) as sandboxes,
        ):
            log = _run_pytest(job, sandboxes, results)
    except UsageError:
        raise
    except GraderError as error:
        log = str(error)
    except Exception as error:  # noqa: BLE001 - no fault of ours may cost the report
        log = _no_result(said(error), traceback.format_exc())
    finally:
        job.starter.close()
    return isolation, log


def _no_result(problem: str, log: str) -> str:
    """Return what is said of a line without a result: the error, and how the log ends."""
    return f"no result came{problem and ': '}{problem}\n{log[-MAX_LOG:]}"


UNFINISHED = "The grading did not finish: it was ended from outside, or ran out of time."


def not_run(
    assignment: Assignment,
    text: str,
    submission: Submission = NOTHING,
    targets: Sequence[Target] | None = None,
) -> Grade:
    """Return a grade in which no line was run, for a reason that every line gives."""
    asked = assignment.rubric if targets is None else targets
    lines = lines_of(asked, {}, one_case("grading", Verdict.NOT_RUN, text))
    return Grade(assignment, lines, 0, "none", 0.0, submission)


def failed(assignment: Assignment, why: str) -> Grade:
    """Return a grade in which the harness failed on every line."""
    lines = lines_of(assignment.rubric, {}, fault_result(why))
    return Grade(assignment, lines, 0, "none", 0.0, NOTHING)


def _run_pytest(job: Job, sandboxes: Sandboxes, results: dict[str, CheckResult]) -> str:
    """Run the checks with the project's own configuration only; return what lost lines say."""
    import pytest  # noqa: PLC0415 - it is loaded already, at the best time for it

    from .plugin import GradingPlugin  # noqa: PLC0415 - it needs pytest

    plugin = GradingPlugin(job, sandboxes, results)
    plugins = [*NEEDED_PLUGINS, *(f"no:{name}" for name in UNUSED_PLUGINS)]
    arguments = [
        *("-c", str(CHECKS_FOLDER / "pytest.ini"), "--rootdir", str(CHECKS_FOLDER)),
        *(word for name in plugins for word in ("-p", name)),
        *(
            "--assert=plain",
            "--json-report",
            "--json-report-file=",
            "--continue-on-collection-errors",
        ),
        *("-q", str(CHECKS_FOLDER)),
    ]
    log = io.StringIO()
    with _clean_environment(), contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        pytest.main(arguments, plugins=[plugin])
    if plugin.stopped is not None:
        raise plugin.stopped
    if plugin.refused is not None:
        raise plugin.refused
    return _no_result(plugin.problem, log.getvalue())


@contextlib.contextmanager
def _clean_environment() -> Iterator[None]:
    """Keep settings of the user's own pytest, and plugins that happen to be installed, out."""
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
            if name in os.environ}  # fmt: skip
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        if before is not None:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
        os.environ.update(kept)
