"""Gradescope's submission_metadata.yml: who handed in what, and when.

Every submission in it includes its results, so the file may be hundreds of megabytes. It is read
as a stream of events, and only what is needed is kept. All scalars are read as text: an id such as
00123 is not a number.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any

import yaml

from grader.errors import UsageError

# Maximum nesting of lists and mappings in what is kept.
MAX_DEPTH = 8
_WANTED = {"submitters", "created_at"}
_NOTHING = ("", "~", "null", "Null", "NULL")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ]+(\d\d?:\d\d:\d\d)(?:\.(\d+))?)?"
    r"\s*(?:[Zz]|UTC|([-+])(\d\d?):?(\d\d)?)?"
)
# libyaml's parser is much faster.
_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Submitter:
    """A student as Gradescope has them; "" for missing values."""

    sid: str
    name: str
    email: str


@dataclass(frozen=True)
class Listed:
    """One submission of the table."""

    entry: str
    submitters: tuple[Submitter, ...]
    created_at: datetime | None


def read_metadata(path: Path) -> tuple[list[Listed], list[str]]:
    """Return the submissions listed in the table, and any oddities in it, one sentence each.

    Raises:
        UsageError: it is damaged, or not a table of submissions.
    """
    try:
        with path.open("rb") as file:
            reading = _Reading(path, file)
            return list(reading.entries()), reading.problems
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "no YAML"
        raise UsageError(f"{path}{where} is damaged: {reason}.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None


class _Reading:
    """Reads the events of one table."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.problems: list[str] = []
        self._path = path
        self._parser = _PARSER(file)
        self._known: dict[str, Any] = {}  # the values that aliases stand for

    def entries(self) -> Iterator[Listed]:
        """Yield the submissions.

        Raises:
            UsageError: it is not a mapping.
        """
        event = self._next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise UsageError(f"{self._path} is empty.")
        if not isinstance(event, yaml.MappingStartEvent):
            raise UsageError(f"{self._path} is not a list of submissions by name.")
        seen: set[str] = set()
        for key, value in self._pairs():
            entry = self._listed(key, value)
            if key in seen:
                self.problems.append(f"{self._path} lists {key} twice; the first is used.")
            elif entry is not None:
                yield entry
            seen.add(key)

    def _listed(self, key: str, event: Any) -> Listed | None:
        if not isinstance(event, yaml.MappingStartEvent):
            self._skip(event)
            self.problems.append(f"{self._path} does not list {key}.")
            return None
        found: dict[str, Any] = {}
        for field, value in self._pairs():
            name = field.removeprefix(":")
            if name in _WANTED and name not in found:
                found[name] = self._value(value, 0)
            else:
                self._skip(value)
        when = found.get("created_at")
        created_at = read_time(when) if isinstance(when, str) else None
        if when is not None and created_at is None:
            self.problems.append(f"{self._path} has no readable time for {key}.")
        return Listed(key, _submitters(found.get("submitters")), created_at)

    def _next(self) -> Any:
        return self._parser.get_event()

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        """Yield a mapping's keys after its start was read, each with its value's first event."""
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            name = self._value(key, MAX_DEPTH - 1)
            yield name if isinstance(name, str) else "", self._next()

    def _value(self, event: Any, depth: int) -> Any:
        """Return the value that starts with an event: text, None, or nested lists and mappings."""
        if isinstance(event, yaml.AliasEvent):
            return self._known.get(event.anchor)
        value: Any = None
        if depth >= MAX_DEPTH:
            self._skip(event)
        elif isinstance(event, yaml.ScalarEvent):
            value = _text(event)
        elif isinstance(event, yaml.MappingStartEvent):
            value = {name: self._value(one, depth + 1) for name, one in self._pairs()}
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(one := self._next(), yaml.SequenceEndEvent):
                value.append(self._value(one, depth + 1))
        if event.anchor:
            self._known[event.anchor] = value
        return value

    def _skip(self, event: Any) -> None:
        """Skip the rest of a value; text with an anchor is kept, since an alias may refer to it."""
        depth = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.ScalarEvent) and event.anchor:
                self._known[event.anchor] = _text(event)
            if depth == 0:
                return
            event = self._next()


def _text(event: Any) -> str | None:
    if not event.style and event.value in _NOTHING:
        return None
    if event.tag in ("!binary", "tag:yaml.org,2002:binary"):  # how Ruby writes some names
        with contextlib.suppress(ValueError):
            return base64.b64decode(event.value).decode("utf-8", "replace")
    return str(event.value)


def _submitters(value: Any) -> tuple[Submitter, ...]:
    rows = value if isinstance(value, list) else [value]
    return tuple(_submitter(row) for row in rows if isinstance(row, dict))


def _submitter(row: dict[str, Any]) -> Submitter:
    fields = {key.removeprefix(":"): x for key, x in row.items() if isinstance(x, str)}
    return Submitter(*(fields.get(name, "") for name in ("sid", "name", "email")))


def read_time(text: str) -> datetime | None:
    """Return a time from the table, in UTC if it has no zone; None if it is not a time."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    day, clock, fraction, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    with contextlib.suppress(ValueError):
        zone = timezone(-offset if sign == "-" else offset)
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        time = datetime.strptime(f"{day} {clock or '0:0:0'} +0000", "%Y-%m-%d %H:%M:%S %z")
        return time.replace(microsecond=micro, tzinfo=zone)
    return None
