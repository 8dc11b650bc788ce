"""What the wheel alone can do: `make dist` installs it and grades an assignment folder with it.

This is what `pipx install` and `uvx` give: a `grader` command without this checkout.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from grader.assignment import given_files, load, write_files
from grader.paths import ROOT

HOME = ROOT / "tests" / "assignments" / "logistic_regression"


def failures(wheel: Path, folder: Path) -> Iterator[str]:
    """Install the wheel in a folder, use it there, and yield a sentence for whatever fails."""
    venv.create(folder / "venv", with_pip=True)
    inside = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    python, grader = inside / "python", inside / "grader"
    install = [python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, wheel.resolve()], check=True)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [grader, *words]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    assignment = load(HOME)
    write_files(folder / "student", given_files(assignment))
    for submission, score in ((HOME / "reference", assignment.total), (folder / "student", 0.0)):
        done = run(
            "grade", str(submission), "--assignment", str(HOME), "--seed", "1", "--out", "r.json"
        )
        if done.returncode:
            yield f"`grader grade` ended with {done.returncode}: {done.stderr}"
        elif (found := json.loads((folder / "r.json").read_text("utf-8"))["score"]) != score:
            yield f"{submission.name} has {found} points; expected {score}."
    for words, code, said in (
        (["explain", "1", "--assignment", str(HOME)], 0, "Sigmoid"),
        (["grade", "student"], 2, "--assignment FOLDER"),
        (["handout", "--assignment", str(HOME)], 2, "checkout of the project"),
        (["bundle", "--assignment", str(HOME)], 2, "checkout of the project"),
    ):
        done = run(*words)
        if done.returncode != code or said not in " ".join((done.stdout + done.stderr).split()):
            yield f"`grader {words[0]}` ended with {done.returncode}: {done.stdout}{done.stderr}"


def main(wheel: str) -> None:
    """Print what fails, and exit with status 1 if anything does."""
    with tempfile.TemporaryDirectory() as folder:
        found = list(failures(Path(wheel), Path(folder)))
    print("\n".join(found) or f"{Path(wheel).name} grades an assignment folder by itself.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main(sys.argv[1])
