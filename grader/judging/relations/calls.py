"""Ideas about leftovers from earlier calls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .ideas import Idea, Value, whole
from .sample import Sample


def of_calls(pilot: Sample) -> Iterator[Idea]:
    """Yield the ideas that a result comes from an earlier call, or contains one that does."""
    if not pilot.earlier:
        return
    yield whole(Value("{times}the previous call's right one{over}", 1, _before))
    yield whole(Value("{times}the first call's right one{over}", 2, _first))
    words = "{name} is the right one {plus}the previous call's{over}"
    yield Idea(words, 2, lambda sample: _rest(sample, _before(sample)))
    words = "{name} is the right one {plus}those of all earlier calls{over}"
    yield Idea(words, 3, lambda sample: _rest(sample, _all(sample)))


def _before(sample: Sample) -> np.ndarray | None:
    return sample.earlier[-1] if sample.earlier else sample.right


def _first(sample: Sample) -> np.ndarray | None:
    return sample.earlier[0] if sample.earlier else sample.right


def _all(sample: Sample) -> np.ndarray | None:
    same = all(x.shape == sample.right.shape for x in sample.earlier)
    return np.sum(sample.earlier, axis=0) if same and sample.earlier else None


def _rest(sample: Sample, added: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    if not sample.in_form or added is None or added.shape != sample.right.shape:
        return None
    return sample.numbers - sample.right, added if sample.earlier else np.zeros_like(added)
