"""results.json: valid, complete, and the same twice."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from grader.report.gradescope import results, write
from tests.catalogue import entries, one_of_each, reference_files, submission
from tests.grading import SCHEMA, checked, graded
from tests.homework import ASSIGNMENT, STUBS

LINES = sum(len(target.points) for target in ASSIGNMENT.rubric)


def _stubs() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in STUBS.glob("*.py")}


def _without_times(value: dict) -> str:
    return json.dumps({**value, "execution_time": 0})


def _whole(content: dict[str, bytes], score: float) -> dict:
    """Return the results of a submission, after checking that they are valid and complete."""
    value = results(graded(content))
    jsonschema.validate(value, SCHEMA)
    assert value["score"] == score
    assert len(value["tests"]) == LINES
    assert sum(test["max_score"] for test in value["tests"]) == 100
    assert sum(test["score"] for test in value["tests"]) == pytest.approx(score)
    return value


@pytest.mark.slow
def test_the_reference_has_nothing_but_full_marks() -> None:
    value = _whole(reference_files(), 106.0)
    assert {test["status"] for test in value["tests"]} == {"passed"}
    for test in value["tests"]:
        assert set(test["extra_data"]["cases"].values()) == {"passed"}
    assert [t["max_score"] for t in value["tests"] if "extra credit" in t["tags"]] == [0] * 6


@pytest.mark.slow
def test_untouched_stubs_are_not_implemented_line_by_line_with_their_question() -> None:
    for test in _whole(_stubs(), 0.0)["tests"]:
        assert test["extra_data"]["verdict"] == "not_implemented"
        assert test["score"] == 0
        assert test["status"] == "failed"
        own = "Question 4.1" if test["number"] in ("4.3", "5.3") else f"Question {test['number']}"
        assert own in test["output"]


@pytest.mark.slow
def test_what_is_nothing_but_a_comment_is_not_implemented_either() -> None:
    value = _whole({"layers.py": b"# tomorrow\n"}, 0.0)
    assert {test["status"] for test in value["tests"]} == {"failed"}


@pytest.mark.slow
def test_grading_twice_gives_the_same_but_for_the_time() -> None:
    entry = next(x for x in entries("mistaken") if x.target == "models.NeuralNetwork")
    some = ("3.3", "3.5", entry.target, "4.3")
    first, second = (results(graded(submission(entry), *some)) for _ in range(2))
    assert _without_times(first) == _without_times(second)


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry",
    one_of_each(entries("mistaken"), lambda entry: [entry.module]),
    ids=lambda entry: entry.id,
)
def test_another_seed_gives_the_same_verdicts(entry) -> None:
    found = [checked(submission(entry), entry.target, seed) for seed in (0, 1, 2026)]
    assert found[0] == found[1] == found[2]


def test_writing_replaces_the_file_in_one_step_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "results.json"
    write(path, {"score": 1})
    write(path, {"score": 2})
    assert json.loads(path.read_text()) == {"score": 2}
    assert [p.name for p in path.parent.iterdir()] == ["results.json"]


def test_results_that_are_a_link_are_written_where_it_leads(tmp_path: Path) -> None:
    """The platform may keep them on another disk; a link stays a link in a clean folder."""
    there, here = tmp_path / "disk" / "kept.json", tmp_path / "results.json"
    there.parent.mkdir()
    between = tmp_path / "between.json"
    between.symlink_to(Path("disk") / "kept.json")
    here.symlink_to(between)
    for score in (1, 2):  # at first, it leads to nothing
        write(here, {"score": score})
        assert here.is_symlink()
        assert between.is_symlink()
        assert json.loads(there.read_text()) == {"score": score}
    assert [path.name for path in there.parent.iterdir()] == ["kept.json"]
    assert {path.name for path in tmp_path.iterdir()} == {"disk", "results.json", "between.json"}


def test_a_link_to_a_folder_that_is_not_there_gets_one(tmp_path: Path) -> None:
    (tmp_path / "results.json").symlink_to(tmp_path / "far" / "kept.json")
    write(tmp_path / "results.json", {"score": 3})
    assert json.loads((tmp_path / "far" / "kept.json").read_text()) == {"score": 3}
