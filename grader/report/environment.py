"""Facts about this machine other than isolation, and what is wrong with it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.answers import RecordedOracle
from grader.assignment import Assignment


def facts(assignment: Assignment) -> Mapping[str, str]:
    """Return the facts in words, by name."""
    return {
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "numpy": np.__version__,
        "BLAS": f"{_blas()}; submissions use one thread",
        "processors": str(os.cpu_count()),
        "answers": _answers(assignment),
    }


def _blas() -> str:
    config: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    found = config.get("Build Dependencies", {}).get("blas", {})
    words = (str(found.get(key, "")) for key in ("name", "version"))
    return " ".join(words).strip() or "unknown"


def _answers(assignment: Assignment) -> str:
    if assignment.has_reference:
        return "from the reference, for any seed"
    recorded = assignment.folders.recorded
    if not recorded.is_file():
        return "none: neither the reference nor recorded answers are here, so nothing can be graded"
    return f"recorded, for the seeds {' and '.join(map(str, RecordedOracle(recorded).seeds))}"
