"""Made-up classes in the platforms' formats: honest, mistaken, hostile, and odd submissions.

    python -m tests.classes KIND FOLDER COUNT SEED

writes a class of COUNT students and its `roster.csv` into FOLDER, and prints the path of the class.
KIND is gradescope, canvas, classroom, or folder, optionally followed by "-zip". The same seed gives
the same class.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from tests import catalogue
from tests.homework import REFERENCE, STUBS
from tests.wall.corpus import attacks

Files = Mapping[str, bytes]
FIRST = (
    "Ada Grace Alan Kurt Zoë Ünal Emmy José 李 O'Brien Søren Noor Łucja Mária Дарья Björk".split()
)
LAST = "Lovelace Hopper Turing Gödel Noether García 明 D'Arcy Kierkegaard _LATE_ Müller Ng".split()
BROKEN = b"PK\x03\x04 and no more"
# How many of a hundred submissions are of each kind; the rest are honest.
SHARES = {"mistaken": 42, "hostile": 6, "stubs": 4, "broken": 3, "empty": 3, "archive": 4}
# How many of a hundred students have no ID, hand in twice, or start a group.
NO_SID, TWICE, GROUPS = 6, 5, 8


@dataclass(frozen=True)
class Member:
    """A student: university ID, name, email, and Canvas ID."""

    sid: str
    name: str
    email: str
    canvas: str

    @property
    def login(self) -> str:
        """Return the account name."""
        return self.email.partition("@")[0]


@dataclass(frozen=True)
class Handed:
    """What someone handed in.

    Args:
        members: who handed it in.
        files: by name.
        kind: "honest", "mistaken", "hostile", "stubs", "broken", "empty", or "archive".
        what: the id of the catalogue's entry or of the attack.
        again: how many times it was handed in before.
    """

    members: tuple[Member, ...]
    files: Files
    kind: str = "honest"
    what: str = ""
    again: int = 0


def generated(count: int, seed: int) -> list[Handed]:
    """Return what a class of `count` students hands in."""
    draw = random.Random(seed)
    members = _members(count, draw)
    pools = _pools(draw)
    handed: list[Handed] = []
    while members:
        size = draw.choice((2, 3)) if draw.randrange(100) < GROUPS else 1
        group, members = tuple(members[:size]), members[size:]
        handed.append(_handed(group, pools, draw))
        if draw.randrange(100) < TWICE:
            handed.append(replace(_handed(group, pools, draw), again=1))
    return handed


def _members(count: int, draw: random.Random) -> list[Member]:
    found = []
    for number in range(count):
        name = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
        sid = "" if draw.randrange(100) < NO_SID else f"{number + 1:05}"
        found.append(Member(sid, name, f"student{number + 1}@uni.example", str(70_000 + number)))
    if count >= 20:  # two students, one number
        found[3] = replace(found[3], sid="00009")
        found[8] = replace(found[8], sid="00009")
    return found


def _pools(draw: random.Random) -> dict[str, Iterator[tuple[str, Callable[[], Files]]]]:
    """Return an endless supply of submissions of every kind, each made on demand."""
    mistaken = [*catalogue.entries("mistaken"), *_second_catalogue()]
    honest = catalogue.entries("honest")
    hostile = [one for one in attacks() if not one.slow]
    for row in (mistaken, honest, hostile):
        draw.shuffle(row)
    reference = catalogue.reference_files()
    return {
        "honest": cycle(
            [("reference", lambda: reference), *((x.id, _maker(x)) for x in honest)],
        ),
        "mistaken": cycle([(x.id, _maker(x)) for x in mistaken]),
        "hostile": cycle([(x.id, x.files) for x in hostile]),
    }


def _second_catalogue() -> list[catalogue.Entry]:
    return list(catalogue.catalogue.entries(catalogue.HERE / "submissions" / "mistaken"))


def _maker(entry: catalogue.Entry) -> Callable[[], Files]:
    return lambda: entry.files(REFERENCE)


def _handed(
    group: tuple[Member, ...],
    pools: Mapping[str, Iterator[tuple[str, Callable[[], Files]]]],
    draw: random.Random,
) -> Handed:
    kinds = [*SHARES, "honest"]
    weights = [*SHARES.values(), 100 - sum(SHARES.values())]
    kind = draw.choices(kinds, weights)[0]
    if kind in pools:
        what, make = next(pools[kind])
        return Handed(group, make(), kind, what)
    reference = catalogue.reference_files()
    files: dict[str, Files] = {
        "stubs": {path.name: path.read_bytes() for path in sorted(STUBS.glob("*.py"))},
        "broken": {"homework.zip": BROKEN},
        "empty": {},
        "archive": {"homework.zip": zipped({f"hw/{x}": y for x, y in reference.items()})},
    }
    return Handed(group, files[kind], kind)


def zipped(files: Files) -> bytes:
    """Return a zip of files; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 12, 0, 0)), data)
    return content.getvalue()


def tarred(files: Files) -> bytes:
    """Return a gzipped tar of files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return content.getvalue()


def write(folder: Path, files: Files) -> Path:
    """Write files below a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def gradescope(folder: Path, handed: Sequence[Handed]) -> Path:
    """Write a Gradescope export; in a large class, the last entry of the table has no folder."""
    home = folder / "assignment_4242_export"
    home.mkdir(parents=True)
    text = ["---\n"]
    for number, one in enumerate(handed, 1):
        name = f"submission_{1000 + number}"
        text.append(_listed(name, number, one))
        write(home / name, one.files)
    if len(handed) >= 20:
        nobody = Member("99999", "Gone Away", "gone@uni.example", "99999")
        text.append(_listed("submission_9999", 0, Handed((nobody,), {})))
    (home / "submission_metadata.yml").write_text("".join(text), "utf-8")
    return home


def _listed(name: str, number: int, one: Handed) -> str:
    lines = [f"{name}:", "  :submitters:"]
    for member in one.members:
        lines.append(f"  - :name: {_quoted(member.name)}")
        if member.sid:
            lines.append(f"    :sid: {_quoted(member.sid)}")
        lines.append(f"    :email: {_quoted(member.email)}")
    minute = f"{number // 60 % 24:02}:{number % 60:02}"
    return "\n".join([
        *lines,
        f"  :created_at: 2026-01-{5 + one.again:02} {minute}:07.123456000 Z",
        "  :score: 12.5",
        "  :status: processed",
        "  :results:",
        "    tests:",
        *(f"    - name: {_quoted(f'3.{x}: shape')}\n      output: |-\n        a: 1\n\n        b"
          for x in range(3)),
        "  :history:",
        f"  - :id: {number}",
        "    :created_at: 2026-01-04 08:00:00.000000000 Z",
        "    :score: 0.0\n",
    ])  # fmt: skip


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def canvas(folder: Path, handed: Sequence[Handed]) -> Path:
    """Write a Canvas download: loose files; every third student's are in a zip."""
    home = folder / "submissions"
    home.mkdir(parents=True)
    for number, one in enumerate(handed):
        member = one.members[0]
        first, _, last = member.name.partition(" ")
        who = re.sub(r"_(\d+)_", r"-\1-", re.sub(r"[\s']", "", f"{last}{first}".lower()))
        start = f"{who}_{'LATE_' if number % 7 == 3 else ''}{member.canvas}"
        files = {"homework.zip": zipped(one.files)} if number % 3 == 1 and one.files else one.files
        for more, (name, content) in enumerate(files.items()):
            stem, dot, ending = name.rpartition(".")
            again = f"{stem}-{one.again}{dot}{ending}" if one.again else name
            (home / f"{start}_{500_000 + 100 * number + more}_{again}").write_bytes(content)
    return home


def classroom(folder: Path, handed: Sequence[Handed]) -> Path:
    """Write a folder of clones, one for each student or team; nobody is in it twice."""
    home = folder / "homework1-submissions"
    home.mkdir(parents=True)
    for one in handed:
        if not one.again:
            clone = write(home / f"homework1-{one.members[0].login}", one.files)
            write(clone / ".git", {"HEAD": b"ref: refs/heads/main\n"})
    return home


def folder_of(folder: Path, handed: Sequence[Handed]) -> Path:
    """Write a folder with a folder, a zip, or a tar for each student, named by student ID."""
    home = folder / "class"
    home.mkdir(parents=True)
    for number, one in enumerate(handed):
        name = one.members[0].sid or one.members[0].login
        if one.kind == "broken" or one.again:
            content = BROKEN if one.kind == "broken" else zipped(one.files)
            (home / f"{name}.zip").write_bytes(content)
        elif number % 3 == 1:
            (home / f"{name}.zip").write_bytes(zipped(one.files))
        elif number % 3 == 2:
            (home / f"{name}.tar.gz").write_bytes(tarred(one.files))
        else:
            write(home / name, one.files)
    return home


def roster(path: Path, members: Sequence[Member]) -> Path:
    """Write a Canvas gradebook of some students, plus one who handed in nothing."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework (77)"])
        rows.writerow(["    Points Possible", "", "", "", "", "100"])
        for one in members:
            first, _, last = one.name.partition(" ")
            rows.writerow([f"{last}, {first}", one.canvas, one.sid, one.login, "A", ""])
        rows.writerow(["Nobody, Yet", "79999", "98765", "yet", "A", ""])
        rows.writerow(["Student, Test", "80000", "", "0f3a", "A", ""])
    return path


def as_zip(folder: Path) -> Path:
    """Zip a folder, with the folder itself at the top level, and remove it."""
    packed = shutil.make_archive(str(folder), "zip", folder.parent, folder.name)
    shutil.rmtree(folder)
    return Path(packed)


WRITERS: dict[str, Callable[[Path, Sequence[Handed]], Path]] = {
    "gradescope": gradescope,
    "canvas": canvas,
    "classroom": classroom,
    "folder": folder_of,
}


def written(kind: str, folder: Path, count: int, seed: int) -> Path:
    """Write a class and its roster, and return where the class is."""
    handed = generated(count, seed)
    path = WRITERS[kind.removesuffix("-zip")](folder, handed)
    members = {member.canvas: member for one in handed for member in one.members}
    roster(folder / "roster.csv", list(members.values()))
    return as_zip(path) if kind.endswith("-zip") else path


if __name__ == "__main__":
    _, kind, folder, count, seed = sys.argv
    sys.stdout.write(f"{written(kind, Path(folder), int(count), int(seed))}\n")
