"""The live and the recorded oracle give the same answers, and so the same verdicts."""

from __future__ import annotations

import dataclasses
import io
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.answers import LiveOracle, choose, mistaken_package, record, reference_package
from grader.answers.oracle import drawable
from grader.answers.recorded import RecordedOracle, fingerprint
from grader.assignment import CHECKS, Folders, Problem, given_files, write_files
from grader.errors import UsageError
from grader.program import Call, New
from grader.result import ResultSpec, Role, outputs
from tests.catalogue import entries, one_of_each, reference_files, spliced, submission
from tests.grading import examined, graded, live, verdicts
from tests.homework import ASSIGNMENT, CASES, RECORDED


@pytest.fixture(scope="module")
def recorded() -> RecordedOracle:
    return RecordedOracle(RECORDED)


@pytest.mark.slow
@pytest.mark.parametrize("seed", ASSIGNMENT.public_seeds)
def test_the_recorded_answers_are_those_of_the_reference(
    recorded: RecordedOracle, seed: int
) -> None:
    for case in CASES:
        problem = case.problem(seed)
        right = live().answers(case, seed, problem)
        found = recorded.answers(case, seed, problem)
        assert right.keys() == found.keys()
        for name, value in right.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("which", "only"), [("reference", ()), ("stubs", ("3.1", "3.3", "4.3"))])
def test_both_give_the_same_grade(
    recorded: RecordedOracle, which: str, only: tuple[str, ...]
) -> None:
    files = reference_files()
    if which == "stubs":
        folder = Path(__file__).parent.parent / "student"
        files = {path.name: path.read_bytes() for path in folder.glob("*.py")}
    first, second = graded(files, *only), graded(files, *only, oracle=recorded)
    assert [line.result for line in first.lines] == [line.result for line in second.lines]


NAMED = [entry for entry in entries("mistaken") if entry.says]


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry", one_of_each(NAMED, lambda entry: [entry.target]), ids=lambda entry: entry.id
)
def test_both_give_mistakes_the_same_verdicts_and_names(recorded: RecordedOracle, entry) -> None:
    first, second = (
        examined(submission(entry), entry.target, oracle=oracle) for oracle in (None, recorded)
    )
    assert verdicts(first) == verdicts(second)
    names = [[line.result.diagnosis for line in grade.lines] for grade in (first, second)]
    assert names[0] == names[1]
    assert entry.says in " ".join(filter(None, names[1]))


@pytest.mark.slow
def test_the_file_holds_plain_arrays_only() -> None:
    with np.load(RECORDED, allow_pickle=False) as file:
        kinds = {file[name].dtype.str for name in file.files}
    assert kinds <= {"<f8", "|u1"}


def test_a_seed_that_was_not_recorded_is_refused(recorded: RecordedOracle) -> None:
    with pytest.raises(UsageError, match=r"Seed 77 .* Choose one of: 0, 1\."):
        recorded.accept(77)


def test_stale_answers_are_a_fault_of_the_harness(recorded: RecordedOracle) -> None:
    case = CASES[0]
    other = dataclasses.replace(case.problem(0), program=case.problem(1).program)
    with pytest.raises(LookupError, match="out of date"):
        recorded.answers(case, 0, other)


@pytest.mark.slow
def test_recording_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    some = ("activations.Sigmoid", "losses.MSE", "optimizers.SGD", "derivations.mse")
    cases = tuple(case for case in CASES if case.target in some)
    asked = dataclasses.replace(ASSIGNMENT, public_seeds=(3,), cases=cases)
    assert {case.check for case in cases} == set(CHECKS) - {"training"}
    assert record(asked, first) == record(asked, second) > len(cases)
    assert first.read_bytes() == second.read_bytes()
    assert RecordedOracle(first).accept(3) is None


@pytest.mark.slow
def test_without_a_reference_there_is_no_live_oracle(tmp_path: Path) -> None:
    folders = dataclasses.replace(ASSIGNMENT.folders, reference=tmp_path)
    with pytest.raises(UsageError, match="needs the reference, which is not part of the handout"):
        choose(dataclasses.replace(ASSIGNMENT, folders=folders), "live")
    assert choose(ASSIGNMENT, "recorded").name == "recorded"
    assert choose(ASSIGNMENT).name == "live"


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing; download the handout again.* `grader record`"):
        RecordedOracle(tmp_path / "none.npz")


_X = np.arange(48.0).reshape(2, 4, 6)
_PROGRAM = (New("it", "layers.Pool2D"), Call("it", "forward", (_X,), out=("Y", "Z")))
_PROBLEM = Problem(_PROGRAM, outputs(("Y", "Z")), outputs(("A",)))


def _given(array: np.ndarray, **more: Any) -> Problem:
    call = dataclasses.replace(_PROGRAM[1], args=(array,), **more)
    return dataclasses.replace(_PROBLEM, program=(_PROGRAM[0], call))


@pytest.mark.parametrize(
    "other",
    [
        _given(_X.reshape(2, 6, 4)),
        _given(_X.reshape(2, 24)),
        _given(_X.astype(">f8").byteswap()),
        _given(_X.astype(np.float32)),
        _given(_X.view(np.int64)),
        _given(_X + 1e-9),
        _given(_X, layout="F"),
        _given(_X, method="backward"),
        dataclasses.replace(_PROBLEM, judged=outputs(("Z", "Y"))),
        dataclasses.replace(_PROBLEM, judged=outputs(("Y",))),
        dataclasses.replace(_PROBLEM, judged=(ResultSpec("Y", Role.STATISTIC), ResultSpec("Z"))),
        dataclasses.replace(_PROBLEM, judged=(ResultSpec("Y", wrt="X"), ResultSpec("Z"))),
        dataclasses.replace(_PROBLEM, judged=(ResultSpec("Y", repeats="y"), ResultSpec("Z"))),
        dataclasses.replace(_PROBLEM, judged=outputs(("Y", "Z", "A")), prerequisites=()),
        dataclasses.replace(_PROBLEM, oracle_program=_PROGRAM),
        dataclasses.replace(_PROBLEM, oracle_program=_given(_X.reshape(2, 24)).program),
        dataclasses.replace(_PROBLEM, picture_program=_PROGRAM),
    ],
)
def test_the_fingerprint_sees_whatever_an_answer_depends_on(other: Problem) -> None:
    assert fingerprint(other) != fingerprint(_PROBLEM)
    assert fingerprint(other) == fingerprint(dataclasses.replace(other))


@pytest.mark.slow
@pytest.mark.parametrize("change", ["fakes", "data", "a given module", "line ends"])
def test_answers_that_rest_on_other_files_are_a_fault_of_the_harness(
    tmp_path: Path, change: str
) -> None:
    home = tmp_path / "homework"
    shutil.copytree(ASSIGNMENT.folders.home, home)
    given = home / "given"
    write_files(given, given_files(ASSIGNMENT))
    file = {
        "fakes": home / "fakes.py",
        "data": given / "data" / "iris.csv",
        "a given module": given / "datasets.py",
        "line ends": given / "datasets.py",
    }[change]
    # As students have it: without a reference.
    folders = dataclasses.replace(
        ASSIGNMENT.folders, home=home, given=given, reference=tmp_path / "none"
    )
    assignment = dataclasses.replace(ASSIGNMENT, folders=folders, fakes=home / "fakes.py")
    case = assignment.cases_of("models.NeuralNetwork", "values")[0]
    assert choose(assignment, "recorded").answers(case, 0, case.problem(0))
    content = file.read_bytes()
    changed = content.replace(b"\n", b"\r\n") if change == "line ends" else content + b"\n# 1\n"
    file.write_bytes(changed)
    oracle = choose(dataclasses.replace(assignment, title="read again"), "recorded")
    if change == "line ends":
        assert oracle.answers(case, 0, case.problem(0))
        return
    with pytest.raises(LookupError, match=r"have changed since the answers were recorded"):
        oracle.answers(case, 0, case.problem(0))


def test_the_fingerprint_is_blind_to_how_an_array_lies_in_memory() -> None:
    assert fingerprint(_given(np.asfortranarray(_X))) == fingerprint(_PROBLEM)
    assert fingerprint(dataclasses.replace(_PROBLEM, accuracy=0.5)) == fingerprint(_PROBLEM)


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "one byte", "of another", "list"])
def test_a_damaged_file_says_how_to_get_it_back(tmp_path: Path, damage: str) -> None:
    whole, path = ASSIGNMENT.folders.recorded.read_bytes(), tmp_path / "recorded.npz"
    other, sentences = io.BytesIO(), io.BytesIO()
    np.savez(other, W=np.ones(3))
    np.savez(sentences, mistakes=np.frombuffer(b"[1, 2]", np.uint8))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        read = [one for one in archive.infolist() if one.filename.startswith("0/")]
        largest = max(read, key=lambda member: member.compress_size)
    middle = largest.header_offset + largest.compress_size // 2
    path.write_bytes(
        {
            "truncated": whole[:middle],
            "empty": b"",
            "text": b"version https://git-lfs.github.com/spec/v1\n",
            "one byte": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "of another": other.getvalue(),
            "list": sentences.getvalue(),
        }[damage]
    )
    with pytest.raises(
        UsageError, match=r"are damaged \(.*download the handout again.* `grader rec"
    ):
        RecordedOracle(path)


def test_damage_to_the_answers_of_another_seed_is_said_when_that_is_asked_for(
    tmp_path: Path,
) -> None:
    whole, path = ASSIGNMENT.folders.recorded.read_bytes(), tmp_path / "recorded.npz"
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        others = [one for one in archive.infolist() if one.filename.startswith("1/")]
    largest = max(others, key=lambda member: member.compress_size)
    middle = largest.header_offset + largest.compress_size // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    oracle = RecordedOracle(path)
    oracle.accept(0)
    with pytest.raises(UsageError, match=r"are damaged \(.*download the handout again"):
        oracle.accept(1)


def _with_another_reference(folder: Path) -> Folders:
    """Return the folders of the homework with a reference whose ReLU gives zeros."""
    shutil.copytree(ASSIGNMENT.folders.reference, folder, ignore=shutil.ignore_patterns("mistakes"))
    text = (folder / "activations.py").read_text("utf-8")
    zeros = "class ReLU:\n    def forward(self, Z):\n        return 0 * Z\n"
    (folder / "activations.py").write_text(spliced(text, zeros), "utf-8")
    return dataclasses.replace(ASSIGNMENT.folders, reference=folder)


def test_another_reference_of_the_same_home_gives_answers_of_its_own(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.key.startswith("activations.ReLU/values"))
    problem = case.problem(0)
    before = live().answers(case, 0, problem)
    other = dataclasses.replace(ASSIGNMENT, folders=_with_another_reference(tmp_path / "reference"))
    (found,) = LiveOracle(other).answers(case, 0, problem).values()
    assert not found.any()
    assert all(array.any() for array in before.values())
    assert live().answers(case, 0, problem).keys() == before.keys()


def test_other_fakes_of_the_same_home_are_used(tmp_path: Path) -> None:
    assert ASSIGNMENT.fakes is not None
    text = ASSIGNMENT.fakes.read_text("utf-8")
    (tmp_path / ASSIGNMENT.fakes.name).write_text(f"{text}\nOTHER = True\n", "utf-8")
    other = dataclasses.replace(ASSIGNMENT, fakes=tmp_path / ASSIGNMENT.fakes.name)
    names = [reference_package(x) for x in (ASSIGNMENT, other)]
    modules = [sys.modules[f"{name}.{ASSIGNMENT.fakes.stem}"] for name in names]
    assert [hasattr(module, "OTHER") for module in modules] == [False, True]


def test_another_mistake_of_the_same_name_is_another_package() -> None:
    entry = next(entry for entry in entries("mistaken") if entry.target == "activations.ReLU")
    other = dataclasses.replace(entry, code=f"{entry.code}\nOTHER = True\n")
    found = [sys.modules[f"{mistaken_package(ASSIGNMENT, x)}.activations"] for x in (entry, other)]
    assert [hasattr(module, "OTHER") for module in found] == [False, True]


@pytest.mark.slow
def test_every_case_has_a_name_of_its_own_and_a_fingerprint_that_sees_its_inputs() -> None:
    keys = [case.key for case in CASES]
    assert len(keys) == len(set(keys))
    drawn = [case for case in CASES if not case.problem(0).advice]
    assert len({fingerprint(case.problem(0)) for case in drawn}) == len(drawn)
    for case in drawn:
        assert fingerprint(case.problem(0)) == fingerprint(case.problem(0))
        same = fingerprint(case.problem(0)) == fingerprint(case.problem(1))
        assert same == (case.check == "training")  # always from the same start


@pytest.mark.slow
@pytest.mark.parametrize("seed", ASSIGNMENT.public_seeds)
def test_what_only_pictures_show_is_recorded_as_it_is(seed: int) -> None:
    recorded = RecordedOracle(ASSIGNMENT.folders.recorded)
    names = {}
    for case in ASSIGNMENT.cases:
        problem = case.problem(seed)
        found = recorded.pictured(case, seed, problem)
        right = live().pictured(case, seed, problem) if problem.picture_program else {}
        assert found.keys() == right.keys()
        for name, array in found.items():
            assert array.dtype == right[name].dtype
            np.testing.assert_allclose(array, right[name], rtol=1e-9)
        if found:
            names[case.target] = {name: array.shape for name, array in found.items()}
    assert names == {
        "train.iris": {"losses": (20,)},
        "train.digits": {"losses": (7,), "images": (599, 8, 8)},
    }


def test_images_are_drawable_as_bytes_whatever_their_scale() -> None:
    images = np.array([[[[-1.0], [3.0]], [[1.0], [0.0]]]])
    found = drawable({"images": images, "losses": [[2], [1]], "history": [2, 1]})
    assert found.keys() == {"images", "losses"}
    assert found["images"].tolist() == [[[0, 255], [128, 64]]]
    assert found["losses"].tolist() == [2.0, 1.0]
    assert drawable({"images": np.full((1, 2, 2), 7.0)})["images"].tolist() == [[[0, 0], [0, 0]]]
    assert drawable({}) == {}
