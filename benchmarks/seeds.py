"""Whether the points of a mistake depend on the seed: `make seeds`.

Every mistake in both catalogues is graded with ten seeds. Those whose points differ are printed,
with what they lose. A mistake whose numbers are off by about the tolerance passes or fails a case
by chance; any other difference means that a case draws at random what it should choose.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from grader.assignment import load
from grader.paths import HOMEWORK
from grader.proving import trials, validate

SEEDS = range(10)


def lost(trial: trials.Trial) -> dict[str, list[float]]:
    """Return the points that a mistake loses with every seed, by check."""
    found = [
        validate.attempt(HOMEWORK, trials.Trial("other", trial.entry, seed)).lost for seed in SEEDS
    ]
    return {check: [round(one[check], 2) for one in found] for check in found[0]}


def main() -> None:
    """Print the mistakes whose points differ."""
    assignment, differ = load(HOMEWORK), 0
    known = [*trials.mistakes(assignment), *trials.others(assignment)]
    tried = [trial for trial in known if trial.seed == 0]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for trial, found in zip(tried, pool.map(lost, tried, chunksize=4), strict=True):
            changing = {check: points for check, points in found.items() if len(set(points)) > 1}
            differ += bool(changing)
            for check, points in changing.items():
                print(f"{trial.entry.id}, {check}: {', '.join(map(str, points))}")
    print(f"{len(tried)} mistakes, {len(SEEDS)} seeds: the points of {differ} differ.")


if __name__ == "__main__":
    main()
