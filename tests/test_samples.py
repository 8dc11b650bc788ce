"""From questions and answers to samples, and what is said about whole checks of real targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.answers import LiveOracle
from grader.assignment import Assignment, load
from grader.judging import Relation, Sample, relate, verified
from grader.run import Answer
from grader.running.plan import Question, plan
from grader.running.samples import by_result, samples_of
from tests.homework import ASSIGNMENT

SECOND = load(Path(__file__).parent / "assignments" / "logistic_regression")
# What a submission answers instead of the right numbers, by the name of the result.
Wrong = Mapping[str, Callable[[np.ndarray], np.ndarray]]


def questions(
    target: str, check: str, seed: int = 0, assignment: Assignment = ASSIGNMENT
) -> list[Question]:
    """Return what a check asks of a target."""
    (found,) = assignment.find_targets((target,))
    asked = plan(assignment, LiveOracle(assignment), seed).questions(found, check)
    return [question for question in asked if not question.problem.advice]


def answered(question: Question, wrong: Wrong | None = None) -> dict[str, Answer]:
    """Return right answers, except for some results."""
    originals = {x.name: x.original for x in question.problem.judged}
    return {
        name: answer((wrong or {}).get(originals.get(name, name), lambda E: E)(right))
        for name, right in question.answers.items()
    }


def answer(array: np.ndarray) -> Answer:
    """Return an answer with these numbers."""
    return Answer("ndarray", "an array", str(array.dtype), np.asarray(array))


def sampled(
    target: str, check: str, wrong: Wrong, seed: int = 0, assignment: Assignment = ASSIGNMENT
) -> dict[str, tuple[Sample, ...]]:
    """Return the samples of a check with some results made wrong, by the source of the result."""
    found = (
        sample
        for question in questions(target, check, seed, assignment)
        for sample in samples_of(question, answered(question, wrong))
    )
    return {group[0].source: group for group in by_result(found)}


def related(
    target: str, check: str, wrong: Wrong, assignment: Assignment = ASSIGNMENT
) -> list[str]:
    """Return what is said about a check and holds in a second draw."""
    first, second = (sampled(target, check, wrong, seed, assignment) for seed in (0, 1))
    relations: dict[str, list[Relation]] = {k: relate(group) for k, group in first.items()}
    return [
        relation.sentence for k, some in relations.items() for relation in verified(some, second[k])
    ]


def test_a_sample_knows_arrays_and_settings_by_the_names_of_the_handout() -> None:
    question = next(x for x in questions("layers.Conv2D", "gradient") if "stride=2" in x.case.name)
    of_X, of_W, of_b = samples_of(question, answered(question))
    example = question.problem.example
    assert example is not None
    assert [x.spec.name for x in (of_X, of_W, of_b)] == ["dX", "gradients['W']", "gradients['b']"]
    assert set(of_X.arrays) == {"X", "W", "b", "dLdY", "gradients['W']", "gradients['b']"}
    assert set(of_b.arrays) == {"X", "W", "b", "dLdY", "dX", "gradients['W']"}
    assert np.array_equal(of_X.arrays["X"], example.inputs["X"])
    assert example.cotangent is not None
    assert np.array_equal(of_X.arrays["dLdY"], example.cotangent)
    assert np.array_equal(of_W.found, question.answers["gradients['W']"])
    known = {
        "m": 2.0,
        "n_out": 3.0,
        "stride": 2.0,
        "pad": 1.0,
        "kernel_shape[0]": 2.0,
        "kernel_shape[0] * kernel_shape[1]": 6.0,
        "the length of axis 3 of X": 2.0,
        "the product of the lengths of axes 1 and 2 of dLdY": 9.0,
        "the number of entries of b": 3.0,
    }
    assert known.items() <= of_X.settings.items()
    assert not any(name.startswith("activation=") for name in of_X.settings)  # it has no known name
    assert next(iter(of_X.settings)) == "m"
    assert all(sample.is_right and sample.inputs == question.inputs for sample in (of_X, of_W))


def test_every_call_of_a_case_has_its_own_arrays_and_those_before_it() -> None:
    case = next(
        question
        for question in questions("layers.FullyConnected", "behaviour")
        if question.case.name == "batches of different sizes"
    )
    of_W = [x for x in samples_of(case, answered(case)) if x.spec.original == "gradients['W']"]
    assert [x.spec.name for x in of_W] == ["gradients['W'] (m = 2)", "gradients['W'] (m = 7)"]
    assert [x.settings["m"] for x in of_W] == [2.0, 7.0]
    assert [x.arrays["X"].shape for x in of_W] == [(2, 4), (7, 4)]
    assert [x.arrays["dX"].shape for x in of_W] == [(2, 4), (7, 4)]
    assert [len(x.earlier) for x in of_W] == [1, 2]
    assert np.array_equal(of_W[1].earlier[1], of_W[0].right)
    assert np.array_equal(of_W[0].earlier[0], case.answers["gradients['W'] (m = 5)"])
    assert of_W[0].size != of_W[1].size


def test_what_waits_for_another_result_is_no_sample() -> None:
    case = questions("layers.FullyConnected", "behaviour")[0]
    right = answered(case)
    assert len(samples_of(case, right)) == len(case.problem.judged)
    first = "dX (m = 5)"
    wrong = right | {first: answer(2 * case.answers[first])}
    names = {sample.spec.original for sample in samples_of(case, wrong)}
    assert names == {"Y", "gradients['W']", "gradients['b']"}
    missing = {k: v for k, v in right.items() if k != first}
    assert {sample.spec.original for sample in samples_of(case, missing)} == names
    nothing = right | {"dX (m = 2)": replace(right[first], array=None)}
    assert "dX (m = 2)" not in {sample.spec.name for sample in samples_of(case, nothing)}


def test_an_argument_without_a_name_is_told_by_its_place() -> None:
    samples = sampled("optimizers.SGD", "values", {})["what update returns"]
    for sample in samples:
        assert set(sample.arrays) == {
            "the first array given to update",
            "the second array given to update",
        }
        assert sample.settings["lr"] == 0.25
        assert "m" not in sample.settings
    assert len({sample.size for sample in samples}) >= 3


def _accumulated(target: str, check: str, name: str) -> list[str]:
    """Return what is said if each result is added to those of the earlier calls."""
    both = []
    for seed in (0, 1):
        found = []
        for question in questions(target, check, seed):
            samples = samples_of(question, answered(question))
            found += [
                replace(x, found=x.right + sum(x.earlier))
                for x in samples
                if x.spec.original == name
            ]
        both.append(found)
    return [x.sentence for x in verified(relate(both[0]), both[1])]


SAID: dict[tuple[str, str, str], tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    ("layers.FullyConnected", "gradient", "gradients['W']"): (
        lambda E: E.T,
        "gradients['W'] is the right one transposed.",
    ),
    ("layers.Conv2D", "gradient", "gradients['W']"): (
        lambda E: E[::-1, ::-1],
        "gradients['W'] is the right one, reversed along axes 0 and 1.",
    ),
    ("activations.ReLU", "gradient", "dZ"): (lambda E: -E, "dZ is minus the right one."),
    ("losses.MSE", "values", "loss"): (np.sqrt, "loss is the square root of the right one."),
    ("losses.CrossEntropy", "gradient", "dY_hat"): (
        lambda E: E * len(E),
        "dY_hat is m times the right one (m is the batch size).",
    ),
    ("optimizers.SGD", "values", "delta"): (
        lambda E: 4 * E,
        "delta is the second array given to update.",
    ),
    ("models.NeuralNetwork", "values", "Y_hat"): (
        lambda E: E[::-1],
        "Y_hat is the right one, reversed along axis 0.",
    ),
    ("derivations.fully_connected", "element", "dX"): (
        lambda E: E / len(E),
        "dX is the right one divided by m (m is the batch size).",
    ),
    ("derivations.conv2d", "element", "db"): (np.ones_like, "db is 1 everywhere."),
}


@pytest.mark.parametrize("what", SAID, ids="-".join)
def test_a_wrong_result_of_a_real_check_is_related(what: tuple[str, str, str]) -> None:
    target, check, name = what
    change, sentence = SAID[what]
    assert related(target, check, {name: change}) == [sentence]


def test_gradients_that_add_up_are_told_from_call_to_call() -> None:
    sentence = "gradients['W'] is the right one plus those of all earlier calls."
    assert _accumulated("layers.FullyConnected", "behaviour", "gradients['W']") == [sentence]
    assert _accumulated("layers.Conv2D", "behaviour", "gradients['W']") == [sentence]


def test_another_assignment_is_told_in_its_own_names() -> None:
    assert related(
        "models.LogisticRegression", "gradient", {"gradients['b']": lambda E: 3 * E}, SECOND
    ) == ["gradients['b'] is 3 times the right one."]
    (question, *_) = questions("models.LogisticRegression", "gradient", 0, SECOND)
    sample = samples_of(question, answered(question))[0]
    assert set(sample.arrays) == {"X", "w", "b", "dY", "gradients['b']"}
    assert sample.settings["m"] == len(sample.arrays["X"])


CHECKS = [
    (target.name, check)
    for target in ASSIGNMENT.rubric
    for check in target.points
    if check in ("values", "gradient", "behaviour", "element")
]


@pytest.mark.parametrize(("target", "check"), CHECKS, ids=lambda x: x)
def test_nothing_is_said_of_right_answers_or_of_random_ones(target: str, check: str) -> None:
    rng = np.random.default_rng(len(target))
    for question_group in sampled(target, check, {}).values():
        assert all(sample.is_right for sample in question_group)
        assert relate(question_group) == []
        noisy = [
            replace(x, found=x.right * (1 + 1e-7 * rng.normal(size=x.right.shape)))
            for x in question_group
        ]
        assert relate(noisy) == []
        random = [replace(x, found=rng.normal(size=x.right.shape)) for x in question_group]
        assert relate(random) == []
        off = [replace(x, found=x.right * rng.uniform(1.1, 2.0)) for x in question_group]
        assert relate(off) == []
