"""The cases that every differentiable target has: its shapes, its numbers, its loops, its state.

Shapes are chosen, not drawn: sizes differ pairwise, so that 1/m cannot pass for 1/n, and no case is
one where a wrong idea (identity, zeros, ones) happens to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.draw import Draw
from grader.program import Call, Program
from grader.result import ResultSpec

from .adapters import CallAdapter, Example, LayerAdapter
from .case import Case, Problem
from .elements import Elements

Builder = Callable[[Draw], Example]


def one_call(
    adapter: CallAdapter, direction: str, builder: Builder, advice: str = "", layout: str = "C"
) -> Callable[[Draw], Problem]:
    """Return the building of a case that is one call of forward or backward.

    Args:
        adapter: knows the calls.
        direction: "forward" or "backward".
        builder: draws what it is called with.
        advice: for a case that earns nothing, see `Problem`.
        layout: of the arrays in memory, one of `program.LAYOUTS`.
    """

    def build(draw: Draw) -> Problem:
        example = builder(draw)
        judged = adapter.results(example, direction)
        program = laid_out(adapter.program(example, direction), layout)
        return Problem(program, judged, adapter=adapter, example=example, advice=advice)

    return build


def element_case(target: str, name: str, builder: Callable[[Draw], Elements]) -> Case:
    """Return the case that asks a derivation for every entry of one gradient.

    Args:
        target: "module.prefix".
        name: of the case.
        builder: draws the arrays.
    """

    def build(draw: Draw) -> Problem:
        elements = builder(draw)
        example = Example({}, elements.arrays)
        return Problem(elements.program(), (elements.spec,), example=example, elements=elements)

    return Case(target, "element", name, build)


def laid_out(program: Program, layout: str) -> Program:
    """Return a program that calls "it" with arrays that lie in memory in some other way."""
    return tuple(
        replace(step, layout=layout) if isinstance(step, Call) and step.on == "it" else step
        for step in program
    )


# How arrays may lie in memory beside the usual order, and what a case says of it. It counts half:
# what depends on that is seldom wrong.
OTHER_LAYOUTS = {"F": "in Fortran order", "view": "as a view"}
LAYOUT_WEIGHT = 0.5


# The four batch sizes span more than 80 times, so that loops over chunks of up to 32 show, too;
# chunks of 64 do not. They are moved by a few from seed to seed, so that no size can be waited for.
WARM_UP = 5


def batch_sizes(draw: Draw) -> tuple[int, ...]:
    """Return the four sizes of the no-loop check."""
    ranges = ((3, 5), (13, 16), (60, 64), (257, 260))
    return tuple(int(draw.integers(low, high, (1,))[0]) for low, high in ranges)


def counted_calls(
    adapter: CallAdapter, direction: str, sized: Callable[[Draw, int], Example]
) -> Callable[[Draw], Problem]:
    """Return the building of a case that counts what runs, for batches from `sized`."""

    def build(draw: Draw) -> Problem:
        sizes = batch_sizes(draw)
        examples = [sized(draw, m) for m in (WARM_UP, *sizes)]
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
    sized: Callable[[Draw, int], Example],
) -> list[Case]:
    """Return the cases that every differentiable target has: its shapes, its numbers, its loops."""
    found = []
    for direction, check in (("forward", "values"), ("backward", "gradient")):
        for name, builder in shape.items():
            build = one_call(adapter, direction, builder)
            found.append(Case(adapter.target, "shape", f"{direction}, {name}", build))
        for name, builder in numbers.items():
            found.append(Case(adapter.target, check, name, one_call(adapter, direction, builder)))
        # One row lies in memory as it does in every order.
        drawn = ((name, builder(Draw(0, adapter.target)).size) for name, builder in numbers.items())
        several = next((name for name, m in drawn if m > 1), next(iter(numbers)))
        for layout, words in OTHER_LAYOUTS.items():
            build = one_call(adapter, direction, numbers[several], layout=layout)
            name = f"{several}, {words}"
            found.append(Case(adapter.target, check, name, build, LAYOUT_WEIGHT))
        build = counted_calls(adapter, direction, sized)
        found.append(Case(adapter.target, "batching", direction, build))
    return found


def same_parameters(target: str, builder: Builder) -> Builder:
    """Draw the example, but its parameters from a stream of their own: equal for all sizes."""

    def build(draw: Draw) -> Example:
        example = builder(draw)
        common = builder(Draw(draw.seed, f"{target}/parameters"))
        return replace(example, parameters=common.parameters)

    return build


def state_cases(
    adapter: LayerAdapter, first: Builder, *others: Builder, weight: float = 1.0
) -> list[Case]:
    """Return the cases for what a call must not leave behind, of some weight each."""

    def other_batches(draw: Draw) -> Problem:
        examples = [same_parameters(adapter.target, builder)(draw) for builder in (first, *others)]
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

    def second_round(draw: Draw) -> Problem:
        example = first(draw)
        again = adapter.once(example, "backward", False, " of the second round")
        first_round = adapter.results(example, "backward")
        judged = tuple(result.suffixed(" of the second round") for result in first_round)
        program = adapter.program(example, "backward") + again
        return Problem(program, judged, prerequisites=first_round, adapter=adapter)

    return [
        Case(adapter.target, "behaviour", "batches of other sizes", other_batches, weight),
        Case(adapter.target, "behaviour", "a second round", second_round, weight),
    ]
