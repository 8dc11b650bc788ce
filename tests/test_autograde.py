"""One run on Gradescope: complete results, whatever is handed in and whatever breaks."""

from __future__ import annotations

import base64
import dataclasses
import errno
import json
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from grader.assignment import Assignment
from grader.assignment.target import RateLimit
from grader.cli import main
from grader.delivery import autograde
from grader.delivery.bundle import bundle_files
from grader.errors import MachineError
from grader.paths import ROOT
from grader.report.formats import FORMATS
from grader.report.gradescope import results
from grader.report.messages import explain
from grader.running.runner import grade
from grader.submission.submission import Submission
from tests.catalogue import reference_files
from tests.grading import QUICK, SCHEMA, live, shared
from tests.homework import ASSIGNMENT, RUBRIC, find_targets


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("submission", "results", "source"):
        (tmp_path / name).mkdir()
    return tmp_path


def _results(root: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((root / "results" / "results.json").read_text("utf-8"))
    jsonschema.validate(value, SCHEMA)
    return value


def _hand_in(root: Path, content: dict[str, bytes], folder: str = "") -> None:
    for name, text in content.items():
        path = root / "submission" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


@pytest.mark.slow
def test_a_large_nested_linked_oddly_named_submission_is_graded(root: Path) -> None:
    """40 files, 30 MB, links, a name that is not UTF-8, junk from macOS and editors."""
    _hand_in(root, reference_files(), "homework-main/work/student")
    submission = root / "submission" / "homework-main"
    for number in range(28):
        (submission / f"model-{number}.bin").write_bytes(b"\0" * 1_100_000)
    (submission / "__MACOSX").mkdir()
    (submission / "__MACOSX" / "._layers.py").write_bytes(b"\0\5\26\7")
    (submission / "work" / ".layers.py.swp").write_bytes(b"b0VIM")
    os.symlink("/etc/passwd", submission / "work" / "student" / "secret.py")
    with open(os.fsencode(submission) + b"/caf\xe9.py", "wb") as file:
        file.write(b"x = 1\n")
    (root / "submission_metadata.json").write_text("{ not json", "utf-8")
    value = autograde.run(ASSIGNMENT, root, {}, require="any")
    assert value["score"] == 106
    assert _results(root) == value
    assert value["extra_data"]["folder"] == "homework-main/work/student"
    assert "secret.py (a link)" in value["output"]


@pytest.mark.slow
def test_every_run_has_a_seed_that_nobody_can_guess(root: Path) -> None:
    _hand_in(root, {"losses.py": b""})
    values = [autograde.run(ASSIGNMENT, root, {}, require="any") for _ in range(2)]
    seeds = [value["extra_data"]["seed"] for value in values]
    assert seeds[0] != seeds[1]
    assert max(seeds) > 10_000  # of 2^32: both are smaller once in 10^11 runs


@pytest.mark.parametrize("content", [{}, {"essay.txt": b"Dear grader"}])
def test_where_there_is_nothing_to_grade_every_line_says_so(
    root: Path, content: dict[str, bytes]
) -> None:
    _hand_in(root, content)
    value = autograde.run(ASSIGNMENT, root, {}, require="any")
    assert _results(root) == value
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"not_run"}
    assert "There is nothing to grade" in value["tests"][0]["output"]


def test_a_fault_of_the_grader_is_a_complete_result_that_blames_nobody(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hand_in(root, {"losses.py": b""})

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the oracle is gone")

    monkeypatch.setattr(autograde, "choose", broken)
    value = autograde.run(ASSIGNMENT, root, {}, require="any")
    assert _results(root) == value
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"harness_fault"}
    assert "this is not your mistake" in value["output"]
    assert "the oracle is gone" in value["tests"][0]["output"]


def test_what_kills_the_grader_leaves_results_that_say_so(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hand_in(root, {"losses.py": b""})

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr(autograde, "choose", killed)
    with pytest.raises(SystemExit):
        autograde.run(ASSIGNMENT, root, {}, require="any")
    value = _results(root)
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"not_run"}
    assert "did not finish" in value["tests"][0]["output"]


def test_a_disk_that_is_full_is_an_error_with_its_own_exit_code(root: Path) -> None:
    (root / "results" / "results.json").symlink_to("/dev/full")  # every write fails
    found = CliRunner().invoke(main, ["autograde", "--root", str(root)])
    assert found.exit_code == 3
    assert "the results could not be written" in found.output
    assert "No space left" in found.output
    assert [path.name for path in (root / "results").iterdir()] == ["results.json"]
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [({}, 570), ({"TIMEOUT_SECONDS": "1200"}, 1170), ({"TIMEOUT_SECONDS": "soon"}, 570),
     ({"TIMEOUT_SECONDS": "40"}, 20), ({"TIMEOUT_SECONDS": "25"}, 12.5),
     ({"TIMEOUT_SECONDS": "-1"}, 570)],
)  # fmt: skip
def test_the_deadline_is_below_the_platforms(environ: dict[str, str], seconds: float) -> None:
    assert autograde.limits(environ).run == seconds


LIMIT = RateLimit(submissions=2, hours=24)
OLD = {"score": 40, "tests": [{"name": "kept"}]}


def _previous(*hours: int, **more: object) -> list[dict[str, object]]:
    found = [{"submission_time": f"2026-03-02T{h:02}:00:00+00:00", "score": 1.0} for h in hours]
    return [*found[:-1], {**found[-1], "results": OLD, **more}]


@pytest.mark.parametrize(
    ("previous", "refused"),
    [
        (_previous(8, 9), True),
        (_previous(9), False),
        (_previous(8, 9, autograder_error=True), False),
        (_previous(7, 8, 9), True),
        ([{"submission_time": "2026-02-20T09:00:00Z"}, *_previous(9)], False),
        ([{"submission_time": "yesterday"}, *_previous(9)], False),
        ([3, None, *_previous(9)], False),
        ("many", False),
        ([{"submission_time": "2026-03-02T08:00:00Z"}] * 2, False),  # nothing to hand back
    ],
)
def test_the_rate_limit_counts_back_from_the_submission(previous: object, refused: bool) -> None:
    metadata = {"created_at": "2026-03-02T10:00:00.5-00:00", "previous_submissions": previous}
    found = autograde.refused(metadata, LIMIT)
    assert (found is not None) == refused
    if found is not None:
        assert found["score"] == 40
        assert found["tests"] == OLD["tests"]
        assert "at 2026-03-03 08:00 UTC" in found["output"]
    assert autograde.refused(metadata, None) is None
    assert autograde.refused({**metadata, "created_at": None}, LIMIT) is None


def _results_of(*verdicts: str, **extra: object) -> dict[str, Any]:
    tests = [{"name": verdict, "extra_data": {"verdict": verdict}} for verdict in verdicts]
    return {"score": len(tests), "tests": tests, "extra_data": extra}


@pytest.mark.parametrize(
    ("last", "refused"),
    [
        (("passed", "failed"), True),
        (("passed", "not_run"), True),  # time ran out
        (("passed", "harness_fault"), False),
        (("harness_fault",), False),
        (("not_run", "not_run"), False),  # nothing to grade, or killed from outside
    ],
)
def test_what_the_grader_failed_on_or_could_not_grade_does_not_count(
    last: tuple[str, ...], refused: bool
) -> None:
    """The platform does not report these: `autograder_error` is for scripts that fail."""
    previous = _previous(8, 9)
    previous[-1]["results"] = _results_of(*last)
    metadata = {"created_at": "2026-03-02T10:00:00Z", "previous_submissions": previous}
    found = autograde.refused(metadata, LIMIT)
    assert (found is not None) == refused
    assert found is None or found["score"] == len(last)
    times = autograde.graded_times(metadata, LIMIT)
    assert len(times) == (3 if refused else 2)


def test_of_several_earlier_results_the_latest_is_handed_back_in_whatever_order_they_come() -> None:
    day = "2026-03-02T{:02}:00:00+00:00"
    previous: list[dict[str, Any]] = [
        {"submission_time": day.format(hour), "results": _results_of(*["passed"] * hour)}
        for hour in (9, 8, 7)
    ]
    previous.insert(1, {"submission_time": "2026-03-02T09:30:00Z",
                        "results": _results_of("harness_fault")})  # fmt: skip
    for order in (previous, previous[::-1]):
        metadata = {"created_at": day.format(10), "previous_submissions": order}
        found = autograde.refused(metadata, LIMIT)
        assert found is not None
        assert found["score"] == 9
        assert "at 2026-03-03 08:00 UTC" in found["output"]
        assert autograde.graded_times(metadata, LIMIT)[:3] == [day.format(x) for x in (7, 8, 9)]


def _hand_in_again(root: Path, assignment: Assignment, hour: int) -> dict[str, Any]:
    """Hand in at an hour; the platform passes only the results of the previous submission."""
    path, file = root / "results" / "results.json", root / "submission_metadata.json"
    metadata = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    previous = metadata.get("previous_submissions", [])
    for one in previous:
        one.pop("results", None)
    if metadata:
        previous.append({"submission_time": metadata["created_at"], "score": 0.0,
                         "results": json.loads(path.read_text("utf-8"))})  # fmt: skip
    created_at = f"2026-03-02T{hour:02}:00:00+00:00"
    file.write_text(json.dumps({"created_at": created_at, "previous_submissions": previous}))
    return autograde.run(assignment, root, {}, require="any")


@pytest.mark.slow
def test_a_failed_run_costs_no_submission_and_its_results_are_never_handed_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = dataclasses.replace(ASSIGNMENT, rate_limit=LIMIT)
    _hand_in(root, {"activations.py": reference_files()["activations.py"]})
    whole = sum(target.total for target in RUBRIC if target.module == "activations")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the oracle is gone")

    assert _hand_in_again(root, assignment, 1)["score"] == whole
    with monkeypatch.context() as patch:
        patch.setattr(autograde, "choose", broken)
        for hour in (2, 3):
            failed = _hand_in_again(root, assignment, hour)
            assert failed["tests"][0]["extra_data"]["verdict"] == "harness_fault"
            assert failed["extra_data"]["graded"] == ["2026-03-02T01:00:00+00:00"]
    (root / "submission" / "activations.py").rename(root / "submission" / "notes.txt")
    assert "nothing to grade" in _hand_in_again(root, assignment, 4)["tests"][0]["output"]
    (root / "submission" / "notes.txt").rename(root / "submission" / "activations.py")
    assert _hand_in_again(root, assignment, 5)["score"] == whole
    refused = _hand_in_again(root, assignment, 6)
    assert "This submission was not graded" in refused["output"]
    assert "at 2026-03-03 01:00 UTC" in refused["output"]
    assert refused["score"] == whole
    again = _hand_in_again(root, assignment, 7)
    assert again["output"] == refused["output"]


@pytest.mark.parametrize("text", ["", "[]", "3", '{"a": ' * 5000, "\udcff"])
def test_odd_metadata_is_no_metadata(tmp_path: Path, text: str) -> None:
    path = tmp_path / "submission_metadata.json"
    assert autograde.read_metadata(path) == {}
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert autograde.read_metadata(path) == {}


def test_a_zip_inside_is_not_needed(root: Path) -> None:
    """Gradescope extracts zips; one that it leaves packed is reported as nothing to grade."""
    with zipfile.ZipFile(root / "submission" / "work.zip", "w") as archive:
        archive.writestr("losses.py", "x")
    value = autograde.run(ASSIGNMENT, root, {}, require="any")
    assert "There is nothing to grade" in value["tests"][0]["output"]


def _script(root: Path, home: Path, **environ: str) -> dict[str, Any]:
    """Run run_autograder with another /autograder and another /opt/autograder."""
    environ |= {"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(root)}
    script = ROOT / "container" / "run_autograder"
    command = [str(script)]
    subprocess.run(command, env={**environ, "AUTOGRADER_HOME": str(home)}, check=True)
    return _results(root)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home of the grader like the one that setup.sh makes, with this Python."""
    home = tmp_path / "home"
    (home / "app").mkdir(parents=True)
    (home / "venv" / "bin").mkdir(parents=True)
    (home / "app" / "fault.json").write_bytes(bundle_files(ASSIGNMENT)["fault.json"])
    _python(home, f'exec {shlex.quote(sys.executable)} "$@"')
    return home


def _python(home: Path, body: str) -> None:
    python = home / "venv" / "bin" / "python"
    python.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    python.chmod(0o755)


@pytest.mark.slow
def test_the_script_grades_and_hands_no_token_on(root: Path, home: Path) -> None:
    for name in ("grader", "reference"):
        (home / "app" / name).symlink_to(ROOT / name)
    _python(
        home,
        f'env > "{home}/environ"; exec {shlex.quote(sys.executable)} "$@" --require-isolation any',
    )
    _hand_in(root, reference_files())
    value = _script(root, home, TOKEN="secret", TIMEOUT_SECONDS="600.0")
    assert value["score"] == 106
    assert "secret" not in (home / "environ").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "environ"),
    [
        ("exit 1", {}),
        ("kill -9 $$", {}),
        ("sleep 600", {"TIMEOUT_SECONDS": "01"}),
        ("exit 1", {"TIMEOUT_SECONDS": "089"}),
        ("echo '{' > $AUTOGRADER_ROOT/results/none.json", {"TIMEOUT_SECONDS": "soon"}),
    ],
)
def test_a_broken_bundle_gives_complete_results_that_blame_nobody(
    root: Path, home: Path, body: str, environ: dict[str, str]
) -> None:
    _python(home, body)
    value = _script(root, home, **environ)
    assert len(value["tests"]) == sum(len(target.points) for target in RUBRIC)
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"harness_fault"}
    assert "not your mistake" in value["output"]


@pytest.mark.slow
def test_without_a_home_the_results_come_from_the_extracted_zip(root: Path) -> None:
    (root / "source" / "fault.json").write_bytes(bundle_files(ASSIGNMENT)["fault.json"])
    value = _script(root, root / "nowhere")
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"harness_fault"}
    assert (root / "source").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_no_text_of_a_submission_is_shown_if_one_line_of_its_target_is_hidden() -> None:
    (relu,) = find_targets(("ReLU",))
    hidden = dataclasses.replace(relu, visibilities={"values": "after_due_date"})
    code = reference_files()["activations.py"].decode() + "\nprint('Z is', 7)\n"
    code = code.replace("return np.maximum(Z, 0.0)", "raise ValueError(str(Z))")
    handed_in = Submission({"activations.py": code.encode()}, ".")
    for target, shown in ((relu, True), (hidden, False)):
        value = results(
            grade(ASSIGNMENT, handed_in, live(), (target,), limits=QUICK, workers=shared())
        )
        texts = "\n".join(test["output"] for test in value["tests"])
        assert ("Z is" in texts) == shown
        assert ("ValueError: " in texts) == shown
        assert "raised ValueError" in texts
    seen = {test["extra_data"]["check"]: test["visibility"] for test in value["tests"]}
    assert seen["values"] == "after_due_date"
    assert seen["gradient"] == "visible"
    for name in ("classroom", "markdown", "junit", "annotations"):
        text = FORMATS[name](value, ASSIGNMENT.total)
        text = base64.b64decode(text[7:]).decode() if name == "classroom" else text
        assert "shape" in text, name
        assert "forward gives the right numbers" not in text, name
        assert 'name="values"' not in text, name
        assert "values: " not in text, name


@pytest.mark.slow
def test_what_a_visible_line_says_has_no_numbers_of_a_hidden_one() -> None:
    (relu,) = find_targets(("ReLU",))
    hidden = dataclasses.replace(relu, visibilities={"values": "hidden"})
    code = reference_files()["activations.py"].decode().replace("np.maximum(Z, 0.0)", "np.abs(Z)")
    handed_in = Submission({"activations.py": code.encode()}, ".")
    for target, shown in ((relu, True), (hidden, False)):
        found = grade(ASSIGNMENT, handed_in, live(), (target,), limits=QUICK, workers=shared())
        (line,) = [line for line in found.lines if line.check == "batching"]
        assert ("is wrong in" in explain(line.result)) == shown
        recorded = dataclasses.replace(found, oracle="recorded")
        checks = [line.check for line in recorded.student_view.lines]
        assert ("values" in checks) == shown
        assert len(found.student_view.lines) == 4  # the staff sees every line


def test_a_refused_submission_does_not_count_against_the_next_one() -> None:
    day = "2026-03-02T{}:00:00+00:00"
    graded_before = [day.format("08"), day.format("09")]
    old = {**OLD, "extra_data": {"graded": graded_before}}
    previous = [{"submission_time": day.format(h)} for h in ("08", "09", "10", "11")]
    previous[-1] = {**previous[-1], "results": old}  # two of them were refused
    metadata = {"created_at": "2026-03-03T08:30:00Z", "previous_submissions": previous}
    assert autograde.refused(metadata, LIMIT) is None
    assert autograde.graded_times(metadata, LIMIT) == [
        *graded_before, "2026-03-03T08:30:00+00:00",
    ]  # fmt: skip
    again = {**metadata, "created_at": "2026-03-03T07:30:00Z"}
    found = autograde.refused(again, LIMIT)
    assert found is not None
    assert "at 2026-03-03 08:00 UTC" in found["output"]


@pytest.mark.parametrize(
    "odd", [{"score": float("nan"), "tests": [{}]}, {"tests": [3]}, {"tests": []},
            {"tests": [{"name": "\ud800"}]}, "x"],
)  # fmt: skip
def test_earlier_results_that_cannot_be_handed_back_refuse_nobody(odd: object) -> None:
    previous = _previous(8, 9)
    previous[-1]["results"] = odd
    metadata = {"created_at": "2026-03-02T10:00:00Z", "previous_submissions": previous}
    assert autograde.refused(metadata, LIMIT) is None
    early = {**metadata, "created_at": "0001-01-01T00:00:00Z"}
    assert autograde.refused(early, LIMIT) is None


def _run(root: Path, hour: str, *earlier: dict[str, Any], limit: RateLimit | None) -> Any:
    """Hand in at an hour; as on the platform, earlier results come with it."""
    metadata = {"created_at": f"2026-03-{hour}:00:00+00:00", "previous_submissions": earlier}
    (root / "submission_metadata.json").write_text(json.dumps(metadata), "utf-8")
    value = autograde.run(
        dataclasses.replace(ASSIGNMENT, rate_limit=limit), root, {}, require="any"
    )
    assert _results(root) == value
    return value


@pytest.mark.slow
def test_a_run_keeps_to_the_rate_limit(root: Path) -> None:
    once = RateLimit(submissions=1, hours=24)

    def earlier(hour: str, value: dict[str, Any]) -> dict[str, Any]:
        time = f"2026-03-{hour}:00:00+00:00"
        return {"submission_time": time, "score": value["score"], "results": value}

    _hand_in(root, {"losses.py": reference_files()["losses.py"]})
    monday = _run(root, "02T10", limit=once)
    points = sum(target.total for target in RUBRIC if target.module == "losses")
    assert monday["score"] == points
    assert monday["output"].endswith("Graded: submission")
    _hand_in(root, {"losses.py": b"", "essay.txt": b"later"})
    refused = _run(root, "02T11", earlier("02T10", monday), limit=once)
    assert (refused["score"], refused["tests"]) == (points, monday["tests"])
    assert "was not graded" in refused["output"]
    assert "2026-03-03 10:00 UTC" in refused["output"]
    both = (earlier("02T10", monday), earlier("02T11", refused))
    tuesday = _run(root, "03T10", *both, limit=once)  # a refused submission does not count
    assert (tuesday["score"], tuesday["output"].splitlines()[-1]) == (0, "Graded: submission")
    assert _run(root, "02T11", earlier("02T10", monday), limit=None)["score"] == 0


def test_a_machine_that_lacks_what_a_grade_needs_is_named_and_no_student_is_blamed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise MachineError("Temporary files cannot be written to /tmp", errno.ENOSPC)

    _hand_in(root, reference_files())
    monkeypatch.setattr(autograde, "grade", refused)
    autograde.run(ASSIGNMENT, root, {})
    tests = _results(root)["tests"]
    assert {test["extra_data"]["verdict"] for test in tests} == {"harness_fault"}
    said = "What happened: Temporary files cannot be written to /tmp: No space left on device; free"
    assert said in tests[0]["output"]
    assert "Traceback" not in tests[0]["output"]
