"""The output streams: if the disk is full or nobody reads the output, the command carries on.

The results of a grade, and its exit code, do not depend on who reads the output.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import IO, Any, cast


class _Sink(io.RawIOBase):
    """Accepts everything: after the first failure, it keeps the reason and drops the data."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.problem: OSError | None = None

    def write(self, data: Any) -> int | None:
        if self.problem is None:
            try:
                written: int | None = self._inner.write(data)
            except OSError as error:
                self.problem = error
            else:
                return written
        return len(data)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._inner.fileno())

    def isatty(self) -> bool:
        return bool(self._inner.isatty())


class _Enduring(io.TextIOWrapper):
    """Stands in for another stream that writes to a file or a terminal."""

    def __init__(self, inner: io.TextIOWrapper) -> None:
        raw = getattr(inner.buffer, "raw", inner.buffer)
        self.sink = _Sink(raw)
        super().__init__(
            cast("IO[bytes]", self.sink if raw is inner.buffer else io.BufferedWriter(self.sink)),
            encoding=inner.encoding,
            errors=inner.errors,
            line_buffering=inner.line_buffering,
            write_through=inner.write_through,
        )


@contextlib.contextmanager
def enduring() -> Iterator[None]:
    """Keep printing from raising an OSError; `unprinted` and `is_read` report one."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    for name, stream in before.items():
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream.buffer, io.BytesIO):
            setattr(sys, name, _Enduring(stream))
    try:
        yield
    finally:
        for name, stream in before.items():
            getattr(sys, name).flush()
            setattr(sys, name, stream)


def _stdout() -> _Sink | None:
    sys.stdout.flush()
    return sys.stdout.sink if isinstance(sys.stdout, _Enduring) else None


def unprinted() -> str:
    """Return why some output was lost; "" if none was, or if nobody is reading it."""
    sink = _stdout()
    if sink is None or sink.problem is None or not is_read():
        return ""
    return f"The output could not be written: {sink.problem.strerror}."


def is_read() -> bool:
    """Tell whether anyone may still be reading the output."""
    sink = _stdout()
    return sink is None or not isinstance(sink.problem, BrokenPipeError)
