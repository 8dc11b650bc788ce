"""Cases of the derivations."""

from __future__ import annotations

from collections.abc import Iterator

from grader.assignment import Case, Elements, element_case
from grader.sampler import Sampler


def sigmoid_formula() -> Iterator[Case]:
    """Yield the cases of the sigmoid's derivation."""
    for shape in ((4, 3), (2, 5), (3, 1)):

        def build(rng: Sampler, shape: tuple[int, int] = shape) -> Elements:
            arguments = {"Z": rng.signed(0.125, 2.0, shape), "dY": rng.cotangent(shape)}
            return Elements("formulas.sigmoid_dZ", "dZ", shape, arguments, wrt="Z")

        yield element_case("formulas.sigmoid", f"dZ of shape {shape}", build)
