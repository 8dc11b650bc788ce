"""Who owns an entry: one id per student, whatever the source calls them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from grader.course.people import Student

from .roster import Roster, Row


@dataclass(frozen=True)
class _Person:
    """A student as the source has them, and as the class does."""

    name: str
    email: str
    student: Student
    row: Row | None = None

    def is_same(self, name: str, email: str) -> bool:
        """Tell whether someone with the same id is this student."""
        if self.email and email:
            return self.email.casefold() == email.casefold()
        return not (self.name and name) or self.name == name


class Register:
    """Gives the students of a class their ids: those from the roster if they are on it."""

    def __init__(self, roster: Roster | None = None) -> None:
        """Start with nobody."""
        self.problems: list[str] = []
        self._roster = roster
        self._people: dict[str, list[_Person]] = {}
        self._taken: dict[str, _Person] = {}
        self._ids: dict[str, str] = {}

    def learn(self, identifier: str, email: str) -> None:
        """Remember whose e-mail this is, for when the id is missing; the first one counts."""
        if clean_id(identifier) and clean_id(email):
            self._ids.setdefault(clean_id(email).casefold(), clean_id(identifier))

    def student(
        self, identifier: str, name: str = "", email: str = "", entry: str = "", key: str = ""
    ) -> Student:
        """Return a student, always the same one for the same person.

        Args:
            identifier: as in the source; if it is "", the e-mail takes its place, then the name,
                then the entry.
            name: the student's name, if known.
            email: the student's e-mail, if known.
            entry: the source's entry in which they appear.
            key: what tells students apart; "" for the identifier.
        """
        identifier, name, email = clean_id(identifier), clean_id(name), clean_id(email)
        own = identifier or self._ids.get(email.casefold(), "") or email or name or clean_id(entry)
        known = self._people.setdefault(key or _compared(own), [])
        for person in known:
            if person.is_same(name, email):
                return person.student
        person = self._new(Student(own or "unknown", name, email))
        known.append(person)
        return person.student

    def _new(self, student: Student) -> _Person:
        """Return a student as in the roster, or under an id that nobody else has.

        If two students who may be the same person match one row of the roster, such as one known
        by id and one by e-mail, they are treated as one.
        """
        row = self._roster.match(student) if self._roster else None
        found = student
        if row is not None:
            found = Student(row.id, row.name or student.name, row.email or student.email)
            if self._roster and not self._roster.is_sure(student, row):
                self.problems.append(
                    f"{_described(student)} is matched to {row.id} on the roster by name alone."
                )
        first = self._taken.get(_compared(found.id))
        same_row = first is not None and row is not None and first.row is row
        if first is not None and same_row and first.is_same(student.name, student.email):
            return first
        if first is not None:
            number = 2
            while _compared(f"{found.id}-{number}") in self._taken:
                number += 1
            self.problems.append(
                f"Two students have the id {found.id}: {_described(first.student)}, and "
                f"{_described(student)}; the second is listed as {found.id}-{number}."
            )
            found = Student(f"{found.id}-{number}", student.name, student.email)
        person = _Person(student.name, student.email, found, row)
        self._taken[_compared(found.id)] = person
        return person


def clean_id(text: str) -> str:
    """Return an outside text on one line, without invisible characters."""
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(char for char in plain if char.isprintable()).strip()


def _compared(identifier: str) -> str:
    """Return the form in which ids are compared: case matters, except in an e-mail address."""
    return identifier.casefold() if "@" in identifier else identifier


def _described(student: Student) -> str:
    known = [text for text in (student.name, student.email) if text]
    return " ".join([known[0], *(f"({x})" for x in known[1:])]) if known else student.id
