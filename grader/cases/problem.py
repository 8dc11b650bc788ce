"""What a case is, and the cases that every differentiable target has.

Shapes are chosen, not drawn: sizes differ pairwise, so that 1/m cannot pass for 1/n, and no case is
one where a wrong idea (identity, zeros, ones) happens to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.draw import Draw
from grader.kinds import Example, Kind, LayerKind
from grader.program import Program

Builder = Callable[[Draw], Example]


@dataclass(frozen=True)
class Problem:
    """What a submission is asked in one case.

    Args:
        program: what to run.
        judged: names of the results that are compared with the oracle's.
        ground: results that must be right before the judged ones mean anything; while they are
            wrong, the case is blocked.
        recount, sizes: the same program with the other way of counting, and the batch sizes of
            its counted calls (batching).
        truth: what the oracle runs instead of the program.
        kind, example: what numeric differentiation needs.
        advice: the case earns nothing; this is said if a result is not finite.
    """

    program: Program
    judged: tuple[str, ...]
    ground: tuple[str, ...] = ()
    recount: Program = ()
    sizes: tuple[int, ...] = ()
    truth: Program = ()
    kind: Kind | None = None
    example: Example | None = None
    advice: str = ""


@dataclass(frozen=True)
class Case:
    """A named case of one check of one target; `key` fixes what it draws."""

    target: str
    check: str
    name: str
    build: Callable[[Draw], Problem]

    @property
    def key(self) -> str:
        """Return the name under which answers are recorded."""
        return f"{self.target}/{self.check}/{self.name}"

    def problem(self, seed: int) -> Problem:
        """Draw the problem for a seed."""
        return self.build(Draw(seed, self.key))


def one_call(
    kind: Kind, direction: str, builder: Builder, advice: str = ""
) -> Callable[[Draw], Problem]:
    """Return the building of a case that is one call of forward or backward."""

    def build(draw: Draw) -> Problem:
        example = builder(draw)
        judged = tuple(kind.results(example, direction))
        program = kind.program(example, direction)
        return Problem(program, judged, kind=kind, example=example, advice=advice)

    return build


# The four batch sizes span more than 40 times, so that loops over chunks of up to 32 show, too;
# chunks of 64 do not. They are moved by a few from seed to seed, so that no size can be waited for.
WARM_UP = 5


def batch_sizes(draw: Draw) -> tuple[int, ...]:
    """Return the four sizes of the no-loop check."""
    ranges = ((3, 5), (9, 12), (33, 37), (129, 137))
    return tuple(int(draw.integers(low, high, (1,))[0]) for low, high in ranges)


def counted_calls(
    kind: Kind, direction: str, sized: Callable[[Draw, int], Example]
) -> Callable[[Draw], Problem]:
    """Return the building of a case that counts what runs, for batches from `sized`."""

    def build(draw: Draw) -> Problem:
        sizes = batch_sizes(draw)
        examples = [sized(draw, m) for m in (WARM_UP, *sizes)]
        programs = [kind.repeated(examples, direction, count) for count in ("lines", "arrays")]
        judged = [
            f"{name} (m = {example.size})"
            for example in examples[1:]
            for name in kind.results(example, direction)
        ]
        return Problem(programs[0], tuple(judged), recount=programs[1], sizes=sizes)

    return build


def exercises(
    kind: Kind,
    shape: Mapping[str, Builder],
    numbers: Mapping[str, Builder],
    sized: Callable[[Draw, int], Example],
) -> list[Case]:
    """Return the cases that every differentiable target has: its shapes, its numbers, its loops."""
    found = []
    for direction, check in (("forward", "values"), ("backward", "gradient")):
        for name, builder in shape.items():
            build = one_call(kind, direction, builder)
            found.append(Case(kind.target, "shape", f"{direction}, {name}", build))
        for name, builder in numbers.items():
            found.append(Case(kind.target, check, name, one_call(kind, direction, builder)))
        build = counted_calls(kind, direction, sized)
        found.append(Case(kind.target, "batching", direction, build))
    return found


def same_parameters(target: str, builder: Builder) -> Builder:
    """Draw the example, but its parameters from a stream of their own: equal for all sizes."""

    def build(draw: Draw) -> Example:
        example = builder(draw)
        common = builder(Draw(draw.seed, f"{target}/parameters"))
        return Example(example.arguments, example.inputs, common.parameters, example.cotangent)

    return build


def state_cases(kind: LayerKind, first: Builder, *others: Builder) -> list[Case]:
    """Return the cases for what a call must not leave behind."""

    def other_batches(draw: Draw) -> Problem:
        examples = [same_parameters(kind.target, builder)(draw) for builder in (first, *others)]
        program = kind.ready(examples[0])
        names: list[str] = []
        for example in examples:
            suffix = f" (m = {example.size})"
            program += kind.once(example, "forward", "", suffix)
            program += kind.turn(example, "", suffix)
            results = [*kind.results(example, "forward"), *kind.results(example, "backward")]
            names += [name + suffix for name in results]
        count = len(names) // len(examples)
        return Problem(program, tuple(names[count:]), ground=tuple(names[:count]))

    def second_round(draw: Draw) -> Problem:
        example = first(draw)
        again = kind.once(example, "backward", "", " of the second round")
        names = tuple(kind.results(example, "backward"))
        judged = tuple(f"{name} of the second round" for name in names)
        return Problem(kind.program(example, "backward") + again, judged, ground=names)

    return [
        Case(kind.target, "behaviour", "batches of other sizes", other_batches),
        Case(kind.target, "behaviour", "a second round", second_round),
    ]
