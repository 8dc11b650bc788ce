"""The pytest plugin of one grade: which checks there are, and how they turned out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from grader.assignment import Target
from grader.errors import MachineError, is_refusal
from grader.verdict import CaseResult, CheckResult, Verdict

from .asked import Asked
from .check_run import CheckRun
from .faults import MAX_SAID, fault_result, said
from .job import Job
from .sandboxes import Sandboxes
from .saves import Superseded


@dataclass(eq=False)  # some versions of pytest put plugins into sets
class GradingPlugin:
    """The pytest plugin of one grade: which checks there are, and how they turned out."""

    job: Job
    sandboxes: Sandboxes
    results: dict[str, CheckResult] = field(default_factory=dict)
    stopped: BaseException | None = None
    problem: str = ""
    refused: BaseException | None = None
    _uncollected: dict[str, str] = field(default_factory=dict)
    _history: dict[str, list[Asked]] = field(default_factory=dict)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run every check on the targets whose rubric includes it."""
        check = metafunc.function.__name__.removeprefix("test_")
        asked = [target for target in self.job.targets if check in target.points]
        ids = [f"{target.name}-{check}" for target in asked]
        metafunc.parametrize("asked", [(target, check) for target in asked], ids=ids)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the checks in order; one that was not collected is a fault on its own lines only."""
        order = {f"{target.name}-{check}": check for target, check in self.job.checks}
        found = {_asked(item): item for item in items}
        items[:] = [found[name] for name in order if name in found]
        for name in order.keys() - found.keys():
            file = f"test_{order[name]}.py"
            why = self._uncollected.get(file, f"there is no check {order[name]!r}")
            self.results[name] = fault_result(why)

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]
    ) -> None:
        """Record why a check's file could not be collected; stop if the machine refuses."""
        assert call.excinfo is not None
        error = call.excinfo.value  # pytest's own error, if a file cannot be imported
        if isinstance(node, pytest.Collector):
            error = error.__cause__ or error
            self._uncollected[node.nodeid] = said(error)
        if self._note_refusal(error):
            node.session.shouldstop = str(self.refused)

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Record what went wrong inside pytest or in this plugin."""
        self.problem = said(excinfo.value)
        self._note_refusal(excinfo.value)

    def _note_refusal(self, error: BaseException) -> bool:
        """Record an error if it says that the machine lacks something every grade needs."""
        if isinstance(error, MachineError) or is_refusal(getattr(error, "errno", None)):
            self.refused = error
        return self.refused is error

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Record what ended the grade: pytest also reports its own early exits this way."""
        if type(excinfo.value) in (KeyboardInterrupt, Superseded):
            self.stopped = excinfo.value

    @pytest.fixture
    def check_run(self, asked: tuple[Target, str]) -> CheckRun:
        """Return what the check needs, including the target's own sandbox."""
        (target, check), job = asked, self.job
        job.progress(f"{target.question} {target.title}: {check}")
        return CheckRun(
            job.assignment,
            target,
            check,
            self.sandboxes.open(target, target.visibility_of(check)),
            job.plan,
            job.limits,
            job.deadline,
            self._missing(target),
            self._history.setdefault(target.name, []),
            job.pictures and target.visibility_of(check) == "visible",
        )

    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Remove the results from the report before it is written as JSON."""
        for test in json_report.get("tests", ()):
            found = test.get("metadata", {}).pop("result", None)
            asked = test["nodeid"].rpartition("[")[2].rstrip("]")
            result = CheckResult.from_json(found) if found else _fault(test)
            self.results[asked] = replace(result, seconds=_seconds(test))

    def _missing(self, target: Target) -> CaseResult | None:
        submission = self.job.submission
        missing = submission.lacks(self.job.assignment.submitted_modules(target))
        if not missing:
            return None
        files = ", ".join(f"{name}.py" for name in missing)
        verb = "is" if len(missing) == 1 else "are"
        found = [submission.instead[x] for x in missing if x in submission.instead]
        said = "; ".join([f"{files} {verb} not in the submission", *found]) + "."
        return CaseResult("file", Verdict.NOT_IMPLEMENTED, said)


def _asked(item: pytest.Item) -> str:
    """Return "target-check", the part in brackets at the end of an item's id."""
    return item.nodeid.rpartition("[")[2].rstrip("]")


def _seconds(test: dict[str, Any]) -> float:
    stages = (test.get(stage, {}) for stage in ("setup", "call", "teardown"))
    return round(float(sum(stage.get("duration", 0.0) for stage in stages)), 4)


def _fault(test: dict[str, Any]) -> CheckResult:
    stages = [test.get(stage, {}) for stage in ("setup", "call", "teardown")]
    crashes = [stage["crash"]["message"] for stage in stages if "crash" in stage]
    others = [str(stage["longrepr"])[:MAX_SAID] for stage in stages if "longrepr" in stage]
    return fault_result(next(iter(crashes + others), "got no result"))
