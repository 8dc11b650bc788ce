"""The cases that every differentiable target has: its shapes, its numbers, its loops, its state.

Shapes are chosen, not drawn: sizes differ pairwise, so that 1/m cannot pass for 1/n, and no case is
one where a wrong idea (identity, zeros, ones) happens to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.draw import Draw
from grader.result import ResultSpec

from .adapters import CallAdapter, Example, LayerAdapter
from .case import Case, Problem

Builder = Callable[[Draw], Example]


def one_call(
    adapter: CallAdapter, direction: str, builder: Builder, advice: str = ""
) -> Callable[[Draw], Problem]:
    """Return the building of a case that is one call of forward or backward."""

    def build(draw: Draw) -> Problem:
        example = builder(draw)
        judged = adapter.results(example, direction)
        program = adapter.program(example, direction)
        return Problem(program, judged, adapter=adapter, example=example, advice=advice)

    return build


# The four batch sizes span more than 40 times, so that loops over chunks of up to 32 show, too;
# chunks of 64 do not. They are moved by a few from seed to seed, so that no size can be waited for.
WARM_UP = 5


def batch_sizes(draw: Draw) -> tuple[int, ...]:
    """Return the four sizes of the no-loop check."""
    ranges = ((3, 5), (9, 12), (33, 37), (129, 137))
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
        programs = [adapter.repeated(examples, direction, count) for count in ("lines", "arrays")]
        judged = [
            result.suffixed(f" (m = {example.size})")
            for example in examples[1:]
            for result in adapter.results(example, direction)
        ]
        return Problem(programs[0], tuple(judged), recount=programs[1], sizes=sizes)

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
        build = counted_calls(adapter, direction, sized)
        found.append(Case(adapter.target, "batching", direction, build))
    return found


def same_parameters(target: str, builder: Builder) -> Builder:
    """Draw the example, but its parameters from a stream of their own: equal for all sizes."""

    def build(draw: Draw) -> Example:
        example = builder(draw)
        common = builder(Draw(draw.seed, f"{target}/parameters"))
        return Example(example.arguments, example.inputs, common.parameters, example.cotangent)

    return build


def state_cases(adapter: LayerAdapter, first: Builder, *others: Builder) -> list[Case]:
    """Return the cases for what a call must not leave behind."""

    def other_batches(draw: Draw) -> Problem:
        examples = [same_parameters(adapter.target, builder)(draw) for builder in (first, *others)]
        program = adapter.ready(examples[0])
        found: list[ResultSpec] = []
        for example in examples:
            suffix = f" (m = {example.size})"
            program += adapter.once(example, "forward", "", suffix)
            program += adapter.turn(example, "", suffix)
            for direction in ("forward", "backward"):
                found += [x.suffixed(suffix) for x in adapter.results(example, direction)]
        count = len(found) // len(examples)
        return Problem(program, tuple(found[count:]), prerequisites=tuple(found[:count]))

    def second_round(draw: Draw) -> Problem:
        example = first(draw)
        again = adapter.once(example, "backward", "", " of the second round")
        first_round = adapter.results(example, "backward")
        judged = tuple(result.suffixed(" of the second round") for result in first_round)
        program = adapter.program(example, "backward") + again
        return Problem(program, judged, prerequisites=first_round)

    return [
        Case(adapter.target, "behaviour", "batches of other sizes", other_batches),
        Case(adapter.target, "behaviour", "a second round", second_round),
    ]
