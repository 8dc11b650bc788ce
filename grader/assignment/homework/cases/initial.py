"""The initial weights that a layer draws before it gets those of its case."""

from __future__ import annotations

from grader.program import New

# A layer that keeps these initial weights gives predictable numbers.
SEEDED = (New("seeded", "weights.seed_weights", {"seed": 0}),)
