"""Fuzz one reader of hostile bytes with atheris: `python -m tests.fuzz.run NAME -runs=100000`.

What follows the name goes to libFuzzer. An exception that the reader does not promise is a crash.
"""

from __future__ import annotations

import json
import struct
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader", "zipfile"]):
    from grader import replies, wire
    from grader.errors import UsageError
    from grader.program import Call
    from grader.replies import Answer
    from grader.report import gradescope
    from grader.report.messages import Cleaner, clean
    from grader.rubric import RUBRIC
    from grader.runner import Grade, Line
    from grader.submission import Submission, find
    from grader.verdict import CaseResult, CheckResult, Verdict

CALL = Call("it", "forward", (), out=("Y",))


class Bytes:
    """A socket that gives some bytes, a few at a time, and then is closed."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def settimeout(self, seconds: float | None) -> None:
        """Never wait."""

    def recv_into(self, buffer: memoryview) -> int:
        """Give up to 4096 bytes."""
        part = self._data[: min(len(buffer), 4096)]
        buffer[: len(part)] = part
        self._data = self._data[len(part) :]
        return len(part)


def frames(data: bytes) -> None:
    """Read frames, and the replies in them, until the bytes end."""
    sock = Bytes(data)
    try:
        while True:
            header, arrays = wire.receive(sock, None, wire.MAX_REPLY, 2**16)
            reply = replies.parse(header, arrays, (1, 0), CALL)
            assert reply.error or all(isinstance(x, Answer) for x in reply.answers.values())
    except wire.ProtocolError:
        return


def header(data: bytes) -> None:
    """Read a frame whose length is right: all bytes are its header."""
    frames(struct.pack("<I", len(data)) + data)


def archive(data: bytes) -> None:
    """Find a submission in a zip."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "handed.zip"
        path.write_bytes(data)
        try:
            found = find(path)
        except UsageError:
            return
        assert all(".." not in name.split("/") and name[0] != "/" for name in found.files)


def text(data: bytes) -> None:
    """Write results whose every text is hostile."""
    said = data.decode("utf-8", "surrogateescape")
    for shown in (clean(said), Cleaner().clean(data)):
        assert "\x1b" not in shown
        assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))
        assert "##[" not in shown
    case = CaseResult("a case", Verdict.FAILED, said, (said,))
    line = Line(RUBRIC[0], "shape", CheckResult((case,), said))
    value = gradescope.results(Grade((line,), 0, "live", 0.0, Submission({}, said, (said,))))
    json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


FUZZED: dict[str, Callable[[bytes], None]] = {
    "frames": frames, "header": header, "archive": archive, "text": text,
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
