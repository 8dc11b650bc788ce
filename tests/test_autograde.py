"""One run on Gradescope: complete results, whatever is handed in and whatever breaks."""

from __future__ import annotations

import json
import os
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from grader import autograde
from grader.cli import main
from grader.rubric import RateLimit
from tests.catalogue import reference_files

SCHEMA = json.loads(files("grader.report").joinpath("results.schema.json").read_text("utf-8"))


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


def test_a_large_nested_linked_oddly_named_submission_is_graded(root: Path) -> None:
    """40 files, 30 MB, links, a name that is no UTF-8, litter of macOS and editors."""
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
    value = autograde.run(root, {}, require="any")
    assert value["score"] == 106
    assert _results(root) == value
    assert value["extra_data"]["folder"] == "homework-main/work/student"
    assert "secret.py (not a regular file of at most 1 MB)" in value["output"]


@pytest.mark.parametrize("content", [{}, {"essay.txt": b"Dear grader"}])
def test_where_there_is_nothing_to_grade_every_line_says_so(
    root: Path, content: dict[str, bytes]
) -> None:
    _hand_in(root, content)
    value = autograde.run(root, {}, require="any")
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
    value = autograde.run(root, {}, require="any")
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
        autograde.run(root, {}, require="any")
    value = _results(root)
    assert {test["extra_data"]["verdict"] for test in value["tests"]} == {"not_run"}
    assert "did not finish" in value["tests"][0]["output"]


def test_a_disk_that_is_full_is_an_error_with_its_own_exit_code(root: Path) -> None:
    (root / "results").rmdir()
    (root / "results").symlink_to("/dev/full")
    found = CliRunner().invoke(main, ["autograde", "--root", str(root)])
    assert found.exit_code == 3
    assert "the results could not be written" in found.output


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [({}, 570), ({"TIMEOUT_SECONDS": "1200"}, 1170), ({"TIMEOUT_SECONDS": "soon"}, 570),
     ({"TIMEOUT_SECONDS": "40"}, 20), ({"TIMEOUT_SECONDS": "-1"}, 570)],
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
        assert "from 2026-03-03 08:00 UTC on" in found["output"]
    assert autograde.refused(metadata, None) is None
    assert autograde.refused({**metadata, "created_at": None}, LIMIT) is None


@pytest.mark.parametrize("text", ["", "[]", "3", '{"a": ' * 5000, "\udcff"])
def test_odd_metadata_is_no_metadata(tmp_path: Path, text: str) -> None:
    path = tmp_path / "submission_metadata.json"
    assert autograde.read_metadata(path) == {}
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert autograde.read_metadata(path) == {}


def test_a_zip_inside_is_not_needed(root: Path) -> None:
    """Gradescope extracts zips; one that it leaves closed is named as nothing to grade."""
    with zipfile.ZipFile(root / "submission" / "work.zip", "w") as archive:
        archive.writestr("losses.py", "x")
    value = autograde.run(root, {}, require="any")
    assert "There is nothing to grade" in value["tests"][0]["output"]
