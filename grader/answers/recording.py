"""Recording right answers, and the effects of mistakes and edits, in one file of arrays."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from grader.assignment import Assignment, Case, Problem, require_cases
from grader.errors import UsageError
from grader.files import replace_bytes
from grader.judging import DIAGNOSED, SUMS, Signature

from .catalogue import entries
from .edits import Packed, Row, as_text, grouped, table
from .live import LiveOracle
from .packages import files_digest, mistaken_package, sources_digest, wrong_results
from .recorded import DIMENSIONS, PICTURED, fingerprint
from .recorded_edits import EDITS, SOURCES


def record(assignment: Assignment, path: Path) -> int:
    """Write the reference's answers to every case for the public seeds; return their number.

    Raises:
        UsageError: a case cannot be drawn or answered, an answer is not finite, or an alternative
            is wrong.
    """
    require_cases(assignment)
    live, arrays = LiveOracle(assignment, recorded=None), dict[str, np.ndarray]()
    for seed in assignment.public_seeds:
        for case in assignment.cases:
            arrays |= _recorded(live, case, seed)
    _require_right(assignment, live)
    sentences = {case.target: live.known(case.target) for case in assignment.cases}
    arrays |= edits_in_a_file(assignment, live)
    arrays["files"] = np.frombuffer(files_digest(assignment), np.uint8)
    arrays["mistakes"] = np.frombuffer(json.dumps(sentences).encode(), np.uint8)
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)  # type: ignore[arg-type]
    replace_bytes(path, written.getvalue())
    return len(arrays)


def _require_right(assignment: Assignment, live: LiveOracle) -> None:
    """Raise an error if an alternative gives results that differ from the reference's."""
    for entry in entries(assignment.folders.alternatives):
        if entry.target not in {target.name for target in assignment.rubric}:
            raise UsageError(f"{entry.id}: the rubric has no target {entry.target!r}.")
        package = mistaken_package(assignment, entry)
        own = [x for x in assignment.cases if x.target == entry.target and x.check in DIAGNOSED]
        for case, seed in itertools.product(own, assignment.public_seeds):
            problem = case.problem(seed)
            wrong = wrong_results(package, problem, live.answers(case, seed, problem))
            if wrong:
                what = f"{', '.join(wrong)} of the case {case.key!r}"
                raise UsageError(
                    f"{entry.id} is not a valid alternative: {what} differ from the reference."
                )


def _recorded(live: LiveOracle, case: Case, seed: int) -> dict[str, np.ndarray]:
    """Return the answers to one case, its problem's fingerprint, and the effects of mistakes."""
    try:
        problem = case.problem(seed)
        answers, pictured = (f(case, seed, problem) for f in (live.answers, live.pictured))
    except Exception as error:  # an assignment's code may raise anything
        what = f"{type(error).__name__}: {error}"
        start = f"{case.place}: the" if case.place else "The"
        raise UsageError(f"{start} case {case.key!r} cannot be recorded: {what}") from error
    for name, value in answers.items():
        if not np.isfinite(value).all():
            raise UsageError(f"{name} of the reference is not finite in the case {case.key!r}.")
    start = f"{seed}/{case.key}/"
    arrays = {start: np.frombuffer(fingerprint(problem), np.uint8)}
    arrays |= {start + name: value for name, value in answers.items()}
    arrays |= {f"{start}{PICTURED}{name}": array for name, array in pictured.items()}
    if problem.elements is not None:
        entries = problem.elements.indices.tolist()
        depends = [live.dependence(case, seed, problem, tuple(entry)) for entry in entries]
        arrays[f"{start} dependence"] = np.packbits(depends, axis=1)
    rows = _rows(live, case, seed, problem)
    return arrays | ({f"{start} mistakes": np.array(rows)} if rows else {})


def _rows(live: LiveOracle, case: Case, seed: int, problem: Problem) -> list[list[float]]:
    """Return each mistake's effects on a case: its number, the result's, and a signature."""
    if case.check not in DIAGNOSED:
        return []
    names = [result.name for result in problem.judged]
    return [
        [number, names.index(name), *_to_row(made)]
        for number, mistake in enumerate(live.known(case.target))
        for name, made in live.effects(case, seed, problem, mistake).items()
    ]


def _to_row(made: Signature | None) -> list[float]:
    if made is None or len(made.shape) > DIMENSIONS:
        return [-1.0] * (2 + DIMENSIONS + SUMS)
    shape = [*made.shape, *[-1] * (DIMENSIONS - len(made.shape))]
    return [len(made.shape), *shape, *made.sums, made.scale]


def edits_in_a_file(assignment: Assignment, live: LiveOracle) -> dict[str, np.ndarray]:
    """Return the effects of edits on every case that is diagnosed, and their sentences."""
    kept: dict[str, Packed] = {}
    arrays: dict[str, np.ndarray] = {}
    for target in dict.fromkeys(case.target for case in assignment.cases):
        cases = [x for x in assignment.cases if x.target == target and x.check in DIAGNOSED]
        seeds = assignment.public_seeds if cases else ()
        edits = live.edits(target) if seeds else {}
        rows = _edit_rows(live, cases, seeds[0], edits) if seeds else {}
        sentences, first = grouped(edits, rows)
        shapes: list[tuple[int, ...]] = []
        for seed in seeds if first else ():
            found = rows if seed == seeds[0] else _edit_rows(live, cases, seed, first)
            groups = [found[edit] for edit in first]
            arrays[f"{EDITS} {seed} {target}"] = table(groups, shapes)
        kept[target] = Packed(sentences, shapes, [case.key for case in cases])
    arrays[SOURCES] = np.frombuffer(sources_digest(assignment), np.uint8)
    return arrays | {EDITS: np.frombuffer(as_text(kept), np.uint8)}


def _edit_rows(
    live: LiveOracle, cases: Iterable[Case], seed: int, edits: Iterable[str]
) -> dict[str, list[Row]]:
    """Return what edits make wrong in all cases, for one seed."""
    rows: dict[str, list[Row]] = {edit: [] for edit in edits}
    for number, case in enumerate(cases):
        problem = case.problem(seed)
        names = [result.name for result in problem.judged]
        for edit, found in rows.items():
            effect = live.effects(case, seed, problem, edit)
            found += [(number, names.index(name), made) for name, made in effect.items()]
    return rows
