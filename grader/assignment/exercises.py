"""The cases that every differentiable target has: its shapes, its numbers, its loops, its state.

Shapes are chosen, not drawn: all sizes differ, so that 1/m cannot pass for 1/n, and in no case does
a wrong idea (identity, zeros, ones) happen to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.program import Call, Program
from grader.result import ResultSpec
from grader.sampler import Sampler

from .adapters import CallAdapter, Example, LayerAdapter
from .case import Case, Problem
from .elements import Elements

Builder = Callable[[Sampler], Example]


def one_call(
    adapter: CallAdapter, direction: str, builder: Builder, advice: str = "", layout: str = "C"
) -> Callable[[Sampler], Problem]:
    """Return a function that builds a case consisting of one call of forward or backward.

    Args:
        adapter: knows the calls.
        direction: "forward" or "backward".
        builder: draws the arguments of the call.
        advice: for a case that earns nothing, see `Problem`.
        layout: memory layout of the arrays, one of `program.LAYOUTS`.
    """

    def build(rng: Sampler) -> Problem:
        example = builder(rng)
        judged = adapter.results(example, direction)
        program = laid_out(adapter.program(example, direction), layout)
        return Problem(program, judged, adapter=adapter, example=example, advice=advice)

    return build


def element_case(target: str, name: str, builder: Callable[[Sampler], Elements]) -> Case:
    """Return the case that asks a derivation for every entry of one gradient.

    Args:
        target: "module.prefix".
        name: the name of the case.
        builder: draws the arrays.
    """

    def build(rng: Sampler) -> Problem:
        elements = builder(rng)
        example = Example({}, elements.arrays)
        return Problem(elements.program(), (elements.spec,), example=example, elements=elements)

    return Case(target, "element", name, build)


def laid_out(program: Program, layout: str) -> Program:
    """Return a program that calls "it" with arrays in a different memory layout."""
    return tuple(
        replace(step, layout=layout) if isinstance(step, Call) and step.on == "it" else step
        for step in program
    )


# Memory layouts other than the usual one, and how a case describes them. Such a case counts half:
# results that depend on the layout are seldom wrong.
OTHER_LAYOUTS = {"F": "in Fortran order", "view": "as a view"}
LAYOUT_WEIGHT = 0.5


# The largest of the four batch sizes is over 80 times the smallest, so that loops over chunks of up
# to 32 are noticed, too, though not of 64. They vary a little by seed, so none can be
# special-cased.
WARM_UP = 5


def batch_sizes(rng: Sampler) -> tuple[int, ...]:
    """Return the four batch sizes of the no-loop check."""
    ranges = ((3, 5), (13, 16), (60, 64), (257, 260))
    return tuple(int(rng.integers(low, high, (1,))[0]) for low, high in ranges)


def counted_calls(
    adapter: CallAdapter, direction: str, sized: Callable[[Sampler, int], Example]
) -> Callable[[Sampler], Problem]:
    """Return a function that builds a case that counts what runs, for batches from `sized`."""

    def build(rng: Sampler) -> Problem:
        sizes = batch_sizes(rng)
        examples = [sized(rng, m) for m in (WARM_UP, *sizes)]
        if [example.size for example in examples] != [WARM_UP, *sizes]:
            raise ValueError(f"`sized` of {adapter.target} does not draw as many examples as asked")
        program = adapter.repeated(examples, direction)
        judged = [
            result.suffixed(f" (m = {example.size})")
            for example in examples[1:]
            for result in adapter.results(example, direction)
        ]
        return Problem(program, tuple(judged), sizes=sizes, adapter=adapter)

    return build


def exercises(
    adapter: CallAdapter,
    shape: Mapping[str, Builder],
    numbers: Mapping[str, Builder],
    sized: Callable[[Sampler, int], Example],
) -> list[Case]:
    """Return the cases that every differentiable target has: its shapes, its numbers, its loops."""
    found = []
    for direction, check in (("forward", "values"), ("backward", "gradient")):
        for name, builder in shape.items():
            build = one_call(adapter, direction, builder)
            found.append(Case(adapter.target, "shape", f"{direction}, {name}", build))
        for name, builder in numbers.items():
            found.append(Case(adapter.target, check, name, one_call(adapter, direction, builder)))
        # A single row has the same memory layout in every order.
        drawn = (
            (name, builder(Sampler(0, adapter.target)).size) for name, builder in numbers.items()
        )
        several = next((name for name, m in drawn if m > 1), next(iter(numbers)))
        for layout, words in OTHER_LAYOUTS.items():
            build = one_call(adapter, direction, numbers[several], layout=layout)
            name = f"{several}, {words}"
            found.append(Case(adapter.target, check, name, build, LAYOUT_WEIGHT))
        build = counted_calls(adapter, direction, sized)
        found.append(Case(adapter.target, "batching", direction, build))
    return found


def same_parameters(target: str, builder: Builder) -> Builder:
    """Draw the example with parameters from a separate stream, so they are equal for all sizes."""

    def build(rng: Sampler) -> Example:
        example = builder(rng)
        common = builder(Sampler(rng.seed, f"{target}/parameters"))
        return replace(example, parameters=common.parameters)

    return build


def state_cases(
    adapter: LayerAdapter, first: Builder, *others: Builder, weight: float = 1.0
) -> list[Case]:
    """Return the cases that test whether a call leaves traces behind, each of the given weight."""

    def other_batches(rng: Sampler) -> Problem:
        examples = [same_parameters(adapter.target, builder)(rng) for builder in (first, *others)]
        program = adapter.ready(examples[0])
        found: list[ResultSpec] = []
        for example in examples:
            suffix = f" (m = {example.size})"
            program += adapter.once(example, "forward", False, suffix)
            program += adapter.turn(example, False, suffix)
            for direction in ("forward", "backward"):
                found += [x.suffixed(suffix) for x in adapter.results(example, direction)]
        count = len(found) // len(examples)
        judged, before = tuple(found[count:]), tuple(found[:count])
        return Problem(program, judged, prerequisites=before, adapter=adapter)

    def second_round(rng: Sampler) -> Problem:
        example = first(rng)
        again = adapter.once(example, "backward", False, " of the second round")
        first_round = adapter.results(example, "backward")
        judged = tuple(result.suffixed(" of the second round") for result in first_round)
        program = adapter.program(example, "backward") + again
        return Problem(program, judged, prerequisites=first_round, adapter=adapter)

    return [
        Case(adapter.target, "behaviour", "batches of different sizes", other_batches, weight),
        Case(adapter.target, "behaviour", "a second round", second_round, weight),
    ]
