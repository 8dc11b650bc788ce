"""Fuzz one reader of hostile bytes with atheris: `python -m tests.fuzz.run NAME -runs=100000`.

Arguments after the name go to libFuzzer. An exception that the reader does not document is a crash.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import sys
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import atheris

with atheris.instrument_imports(include=["grader", "zipfile", "tarfile"]):
    from grader.assignment.stubs import write_files
    from grader.errors import UsageError
    from grader.isolation import replies
    from grader.judging.grade import Grade, Line
    from grader.program import Call
    from grader.report import formats, gradescope, html
    from grader.report.cleaning import Cleaner, clean
    from grader.run import Answer
    from grader.submission import contents
    from grader.submission import finding as submission
    from grader.submission.submission import Submission
    from grader.verdict import CaseResult, CheckResult, Verdict
    from grader.worker import wire
    from tests.homework import ASSIGNMENT, RUBRIC, find
    from tests.tape import Bytes

CALL = Call("it", "forward", (), out=("Y",))


def frames(data: bytes) -> None:
    """Read frames, and the replies in them, until the bytes end."""
    sock = Bytes(data, 4096)
    try:
        while True:
            header, arrays = wire.receive(sock, None, wire.MAX_REPLY_HEADER, 2**16)
            reply = replies.parse(header, arrays, (1, 0), CALL)
            assert reply.error or all(isinstance(x, Answer) for x in reply.answers.values())
    except wire.ProtocolError:
        return


def header(data: bytes) -> None:
    """Read a frame of the right length, with all of the bytes as its header."""
    frames(struct.pack("<I", len(data)) + data)


def archive(data: bytes) -> None:
    """Find a submission in bytes that should be a zip, and stage it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "handed.zip"
        path.write_bytes(data)
        _find_and_stage(path, Path(folder) / "staged")


def members(data: bytes) -> None:
    """Find a submission in a well-formed zip with odd members, and stage it."""
    given = atheris.FuzzedDataProvider(data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "handed.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as handed:
            warnings.simplefilter("ignore")  # about duplicate names
            for _ in range(given.ConsumeIntInRange(1, 8)):
                parts = [given.PickValueInList(PARTS) for _ in range(given.ConsumeIntInRange(1, 4))]
                odd = given.ConsumeUnicodeNoSurrogates(given.ConsumeIntInRange(0, 6))
                info = zipfile.ZipInfo("/".join(parts) + odd + given.PickValueInList(ENDS))
                info.external_attr = given.ConsumeInt(4) % 2**32
                info.compress_type = given.PickValueInList(PACKED)
                handed.writestr(info, given.ConsumeBytes(given.ConsumeIntInRange(0, 40)))
        whole = bytearray(path.read_bytes())
        for _ in range(given.ConsumeIntInRange(0, 3)):
            whole[given.ConsumeIntInRange(0, len(whole) - 1)] = given.ConsumeIntInRange(0, 255)
        path.write_bytes(whole)
        _find_and_stage(path, Path(folder) / "staged")


def tars(data: bytes) -> None:
    """Find a submission in a tar with odd members and perhaps a few corrupted bytes."""
    given = atheris.FuzzedDataProvider(data)
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=given.PickValueInList(FORMATS)) as handed:
        for _ in range(given.ConsumeIntInRange(1, 8)):
            parts = [given.PickValueInList(PARTS) for _ in range(given.ConsumeIntInRange(1, 4))]
            odd = given.ConsumeUnicodeNoSurrogates(given.ConsumeIntInRange(0, 6)).replace("\0", "")
            info = tarfile.TarInfo("/".join(parts) + odd + given.PickValueInList(ENDS[:-1]))
            info.type, info.linkname = given.PickValueInList(TYPES), "layers.py"
            content = given.ConsumeBytes(given.ConsumeIntInRange(0, 40))
            info.size = len(content) if info.type == tarfile.REGTYPE else 0
            handed.addfile(info, io.BytesIO(content))
    whole = bytearray(written.getvalue())
    for _ in range(given.ConsumeIntInRange(0, 6)):
        whole[given.ConsumeIntInRange(0, len(whole) - 1)] = given.ConsumeIntInRange(0, 255)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "handed.tar"
        path.write_bytes(gzip.compress(whole, 1) if given.ConsumeBool() else whole)
        _find_and_stage(path, Path(folder) / "staged")


FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
ODD = [tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE,
       tarfile.GNUTYPE_SPARSE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME]  # fmt: skip
TYPES = [tarfile.REGTYPE] * 4 + ODD
PARTS = ["student", "layers", "losses", "..", ".", "", "a", "grader", "__MACOSX", ".git", "C:"]
ENDS = [".py", ".PY", ".py/", "", ".zip", "\\layers.py", "\0.py"]
PACKED = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]


def _find_and_stage(path: Path, staged: Path) -> None:
    try:
        found = find(path, always_choose=True)
    except UsageError:
        return
    assert len(found.files) <= submission.MAX_FILES
    assert all(len(content) <= contents.MAX_FILE_BYTES for content in found.files.values())
    write_files(staged, found.files)
    written = {p.relative_to(staged).as_posix(): p.read_bytes() for p in files_below(staged)}
    assert written == found.files
    assert set(staged.parent.iterdir()) == {path, staged}


def files_below(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def text(data: bytes) -> None:
    """Write results in which every text is hostile, in every format but HTML."""
    said = data.decode("utf-8", "surrogateescape")
    for shown in (clean(said), Cleaner().clean(data)):
        assert "\x1b" not in shown
        assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))
        assert "##[" not in shown
    value = gradescope.results(_hostile(said))
    json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    ET.fromstring(formats.junit(value))
    formats.markdown(value, ASSIGNMENT.total).encode()
    assert formats.classroom(value).count("\n") <= 1
    for line in formats.commands(value).splitlines():
        assert line.startswith(("::error ", "::warning ", "::notice "))


def page(data: bytes) -> None:
    """Write the report of results in which every text is hostile; none of them may open a tag."""
    assert _tags(data.decode("utf-8", "surrogateescape")) <= _tags_of_plain_text()


@lru_cache(maxsize=1)
def _tags_of_plain_text() -> set[str]:
    return _tags("plain\n\n    text\nof several lines")


def _tags(said: str) -> set[str]:
    page = Tags()
    page.feed(html.render(_hostile(said)))
    return page.seen


class Tags(HTMLParser):
    """Keeps the tags of a page, with the names of their attributes."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.seen.add(" ".join((tag, *sorted(name for name, _ in attrs))))


def _hostile(said: str) -> Grade:
    case = CaseResult("a case", Verdict.FAILED, said, (said,))
    line = Line(RUBRIC[0], "shape", CheckResult((case,), said))
    return Grade(
        ASSIGNMENT, (line,), 0, "live", 0.0, Submission({}, said, (said,), said, said, (said,))
    )


FUZZED: dict[str, Callable[[bytes], None]] = {
    "frames": frames, "header": header, "archive": archive, "members": members, "tars": tars,
    "text": text, "page": page,
}  # fmt: skip


def seeds(name: str, folder: Path) -> None:
    """Write examples to start from."""
    entry = {"name": "Y", "type": "ndarray", "about": "x", "dtype": "float64", "array": True}
    reply = {"id": 1, "step": 0, "outputs": [entry], "warnings": [], "printed": "", "changed": True}
    error = {"type": "E", "message": "m", "ours": False, "unfinished": False,
             "where": [["a.py", 1, "f", "x"]]}  # fmt: skip
    counted = {**reply, "counts": {"student": {"a.py:1": 3}}, "flags": ["complex numbers"]}
    failed = {"id": 1, "step": 0, "error": error, "printed": "x"}
    for number, value in enumerate((reply, counted, failed)):
        arrays = [["<f8", [2, 1]]] if "outputs" in value else []
        head = json.dumps({**value, "arrays": arrays}).encode()
        body = b"\0" * 16 if arrays else b""
        whole = struct.pack("<I", len(head)) + head + body
        (folder / str(number)).write_bytes(whole if name == "frames" else head)
    with zipfile.ZipFile(folder / "zip", "w") as handed:
        handed.writestr("student/layers.py", "import numpy\n")
        handed.writestr("../losses.py", "x")
    (folder / "text").write_bytes(b"\x1b[31m::error::x\n##[group]\xff")


def main() -> None:
    """Fuzz what the command line names."""
    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        seeds(name, Path(folder))
        atheris.Setup([sys.argv[0], *sys.argv[2:], "-timeout=10", folder], FUZZED[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
