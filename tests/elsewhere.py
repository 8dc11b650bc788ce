"""Check a platform that nobody here has: `python -m tests.elsewhere` (public CI).

It grades the stubs, the reference, and ten known mistakes with the plain command of the README, one
run each, and compares points and verdicts with those in the catalogue.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.answers.catalogue import Entry
from tests.catalogue import entries, one_of_each, reference_files
from tests.homework import REFERENCE, RUBRIC, STUBS

MISTAKES = 10


def graded(files: Mapping[str, bytes], *options: str) -> dict[str, Any]:
    """Grade from the command line, in a separate process; return the contents of results.json."""
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "submission", Path(name) / "results.json"
        folder.mkdir()
        for path, content in files.items():
            (folder / path).write_bytes(content)
        command = [sys.executable, "-I", "-m", "grader", "grade", str(folder), "--seed", "1"]
        subprocess.run([*command, "--out", str(out), *options], check=True)
        value: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return value


def mistakes() -> list[Entry]:
    """Return ten mistakes: one for each check, then one for each target not yet covered."""
    known = [entry for entry in entries("mistaken") if "training" not in entry.verdicts]
    chosen = one_of_each(known, lambda entry: entry.verdicts)
    targets = {entry.target for entry in chosen}
    chosen += [x for x in one_of_each(known, lambda x: [x.target]) if x.target not in targets]
    return chosen[:MISTAKES]


def differences() -> Iterator[str]:
    """Yield a sentence for every difference from Linux."""
    stubs = {path.name: path.read_bytes() for path in STUBS.glob("*.py")}
    score = graded(stubs)["score"]
    if score != 0:
        yield f"The stubs have {score} points."
    score, most = graded(reference_files())["score"], sum(target.total for target in RUBRIC)
    if score != round(most, 2):
        yield f"The reference has {score} of {most} points."
    for entry in mistakes():
        tests = graded(entry.files(REFERENCE), "--only", entry.target)["tests"]
        found = {test["tags"][1]: test["extra_data"]["verdict"] for test in tests}
        for check in sorted({*found, *entry.verdicts}):
            verdict, expected = found.get(check, "missing"), entry.verdicts.get(check, "passed")
            if verdict not in expected.split(" or "):
                yield f"{entry.id}: {check} is {verdict}; expected {expected}."


def main() -> None:
    """Print what differs, and exit with status 1 if anything does."""
    found = list(differences())
    print("\n".join(found) or "The results are the same as on Linux.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
