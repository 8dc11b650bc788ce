"""Build the autograder's image and actually run it: `python -m tests.container.run`.

Needs root, debootstrap, podman, and buildah, all available as Debian packages; without them, it
prints one line saying so and runs nothing. No image is pulled: a base is made with debootstrap and
imported under the name that the Dockerfile asks for. Then, both in the image and in a plain copy of
the base with Gradescope's zip extracted, `/autograder/run_autograder` grades honest, mistaken,
hostile, nested, and missing submissions. The verdicts must match those of the students' zip, line
by line.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from grader.delivery.bundle import write_bundle
from grader.delivery.handout import write_handout
from grader.paths import ROOT
from tests.catalogue import entries, reference_files, submission
from tests.container.spy import SPY
from tests.grading import SCHEMA
from tests.homework import ASSIGNMENT, RUBRIC, STUBS
from tests.wall.corpus import attacks

TOOLS = ("debootstrap", "podman", "buildah")
BASE = "localhost/gradescope/autograder-base:ubuntu-22.04"
IMAGE = "localhost/nn-autograder:test"
SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
# The folder that keeps the base from one run to the next; if unset, nothing is kept.
KEPT = os.environ.get("CONTAINER_BASE", "")
CERTIFICATES = "/etc/ssl/certs"
# Mounted into the base where the zip is set up.
MOUNTED = ("proc", "dev", CERTIFICATES[1:])
HOSTILE = (
    "read-reference-by-walking",
    "read-compiled-reference",
    "environments-of-others",
    "write-results",
    "kill-the-grader",
    "many-processes",
    "full-disk",
    "survive-the-parent",
)
Files = Mapping[str, bytes]
Results = dict[str, Any]
Run = Callable[[str, Files], Results]


def say(text: str) -> None:
    """Print a log line with the time."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def command(*words: str, **options: Any) -> str:
    """Run a command that has to succeed; return what it printed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def make_base(base: Path) -> None:
    """Make a root file system from Debian's packages, unless one was kept."""
    if not (base / "usr/bin/python3").exists():
        say(f"debootstrap {SUITE}")
        command("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(base))


def build_image(base: Path) -> None:
    """Import the base, and build the Dockerfile on it with `make image`."""
    say(f"podman import, as {BASE}")
    with tempfile.NamedTemporaryFile(suffix=".tar") as tar:
        command("tar", "--numeric-owner", "-C", str(base), "-cf", tar.name, ".")
        command("podman", "import", "--quiet", tar.name, BASE)
    say("make image")
    words = ["--isolation=chroot", "--pull-never"]
    words += ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro", *_pip_settings("--env")]
    command(
        *("make", "image", "BUILDERS=buildah", f"BASE={BASE}", f"TAG={IMAGE}"),
        f"BUILD_ARGS={shlex.join(words)}",
        cwd=ROOT,
    )


def _pip_settings(flag: str) -> list[str]:
    """Pass on the pip settings that this machine needs to reach its package index."""
    names = [name for name in os.environ if name.startswith("PIP_") or name.endswith("_proxy")]
    return [word for name in names for word in (flag, f"{name}={os.environ[name]}")]


def in_image(name: str, files: Files) -> Results:
    """Grade files in a fresh container of the image."""
    container = command("buildah", "from", "--pull-never", IMAGE).strip()
    try:
        root = Path(command("buildah", "mount", container).strip())
        _hand_in(root, files)
        command(
            "buildah", "run", "--isolation=chroot", container, "--", "/autograder/run_autograder"
        )
        return _results(root, name)
    finally:
        command("buildah", "rm", container)


def zip_root(base: Path, folder: Path) -> Path:
    """Do what Gradescope does with a zip: extract it in a base, run setup.sh there."""
    root = folder / "root"
    command("cp", "-a", str(base), str(root))
    source = root / "autograder" / "source"
    for path in (source, root / "autograder/results", root / "autograder/submission"):
        path.mkdir(parents=True)
    with zipfile.ZipFile(folder / "autograder.zip") as opened:
        for info in opened.infolist():
            path = Path(opened.extract(info, source))
            path.chmod(info.external_attr >> 16 & 0o777)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    for name in MOUNTED:
        command("mount", "--rbind", "--make-rslave", f"/{name}", str(root / name))
    say("setup.sh")
    words = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *_pip_settings("")[1::2]]
    print(command("chroot", str(root), *words, "/autograder/source/setup.sh").strip())
    shutil.copy2(source / "run_autograder", root / "autograder/run_autograder")
    return root


def in_root(root: Path) -> Run:
    """Return a function that grades files in a root file system made by `zip_root`."""

    def run(name: str, files: Files) -> Results:
        _hand_in(root, files)
        (root / "autograder/results/results.json").unlink(missing_ok=True)
        command("chroot", str(root), "env", "-C", "/autograder", "/autograder/run_autograder")
        return _results(root, name)

    return run


def _hand_in(root: Path, files: Files) -> None:
    folder = root / "autograder/submission"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / "autograder/submission_metadata.json").write_text('{"id": 1, "created_at": 7}')


def _results(root: Path, name: str) -> Results:
    value: Results = json.loads((root / "autograder/results/results.json").read_text("utf-8"))
    jsonschema.validate(value, SCHEMA)
    isolation = value["extra_data"]["isolation"]
    say(f"{name}: {value['score']:g} points, isolation {isolation['level']}")
    return value


def verdicts(value: Results) -> dict[str, str]:
    """Return the verdict of every line."""
    lines = [test["extra_data"] for test in value["tests"]]
    return {f"{line['target']} {line['check']}": line["verdict"] for line in lines}


def in_handout(folder: Path) -> Run:
    """Return a function that grades files with the students' zip, used as students would."""
    write_handout(ASSIGNMENT, folder / "handout.zip")
    with zipfile.ZipFile(folder / "handout.zip") as opened:
        opened.extractall(folder)
    home = folder / ASSIGNMENT.name

    def run(name: str, files: Files) -> Results:
        for path, content in files.items():
            (home / "student" / path).write_bytes(content)
        words = [sys.executable, "-m", "grader", "grade", "student"]
        command(*words, cwd=home, env={"PATH": os.environ["PATH"]})
        value: Results = json.loads((home / "results.json").read_text("utf-8"))
        assert value["extra_data"]["oracle"] == "recorded"
        say(f"the students' zip, {name}: {value['score']:g} points")
        return value

    return run


def check(place: str, run: Run, handout: Run) -> None:
    """Grade every kind of submission in one place, and compare with the handout."""
    say(f"-- {place}")
    right = reference_files()
    stubs = {path.name: path.read_bytes() for path in STUBS.glob("*.py")}
    wrong = submission(next(e for e in entries("mistaken") if e.id == "conv-dw-turned")).files
    litter = {"__MACOSX/._layers.py": b"\0", ".git/config": b"", "notes.txt": b"caf\xe9"}
    found = run("honest, flat", right)
    assert found["score"] == sum(target.total for target in RUBRIC), verdicts(found)
    assert found["extra_data"]["isolation"] == {"level": "uid", "missing": {}}
    nested = {f"homework-main/student/{name}": content for name, content in right.items()}
    assert verdicts(run("honest, in a repository", {**nested, **litter})) == verdicts(found)
    for name, files in (("stubs", stubs), ("mistaken", wrong), ("honest", right)):
        assert verdicts(run(name, files)) == verdicts(handout(name, files)), name
    nothing = run("nothing", {"essay.md": b"# My homework\n"})
    assert set(verdicts(nothing).values()) == {"not_run"}
    assert "There is nothing to grade" in nothing["tests"][0]["output"]
    hostile(run, found)


def hostile(run: Run, honest: Results) -> None:
    """Grade hostile submissions: they earn nothing for their target, and find no secret."""
    spied = run("a spy", {**reference_files(), "activations.py": _spying()})
    output = "\n".join(test["output"] for test in spied["tests"])
    assert "SPY: nothing" in output, output[:2000]
    known = {attack.id: attack for attack in attacks()}
    for attack in [known[name] for name in HOSTILE]:
        value = run(f"hostile, {attack.id}", attack.files())
        lines = [t for t in value["tests"] if t["extra_data"]["target"] == attack.target]
        assert sum(line["score"] for line in lines) == 0, attack.id
        assert len(value["tests"]) == len(honest["tests"])


def _spying() -> bytes:
    return reference_files()["activations.py"] + SPY.encode()


def in_the_image(base: Path, handout: Run) -> None:
    """Grade in the image, and remove it."""
    try:
        build_image(base)
        check("the image", in_image, handout)
    finally:
        for image in (IMAGE, BASE):
            subprocess.run(["buildah", "rmi", "--force", image], capture_output=True, check=False)


def in_the_zip(base: Path, folder: Path, handout: Run) -> None:
    """Grade in a base where Gradescope's zip is set up."""
    write_bundle(ASSIGNMENT, folder / "autograder.zip")
    root = zip_root(base, folder)
    try:
        check("the zip", in_root(root), handout)
    finally:
        for mounted in MOUNTED:
            command("umount", "--recursive", "--lazy", str(root / mounted))


def main(missing: Sequence[str] = ()) -> None:
    """Run everything."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None] + list(missing)
    if os.geteuid() != 0 or missing:
        why = f"{', '.join(missing)} missing" if missing else "not root"
        print(f"The container test was skipped: {why}.")
        return
    with tempfile.TemporaryDirectory(prefix="container-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        base = Path(KEPT or folder / "base")
        make_base(base)
        handout = in_handout(folder)
        in_the_image(base, handout)
        in_the_zip(base, folder, handout)
    say("Everything is as expected.")


if __name__ == "__main__":
    main()
