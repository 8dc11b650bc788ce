"""What a worker is asked: a program, or an import. Each is encoded once for all workers."""

from __future__ import annotations

import json
from functools import cached_property

from grader.program import Call, Program, encode
from grader.worker import wire

# Limit for the bytes of one reply's arrays, if the size of the right ones is unknown.
MAX_REPLY_BYTES = wire.MAX_BODY


class Request:
    """A program for a worker, and how large its replies may be."""

    def __init__(self, program: Program, max_bytes: int = MAX_REPLY_BYTES) -> None:
        """Keep the program; it is encoded when first needed.

        Args:
            program: the program to run, step by step.
            max_bytes: limit for the arrays of one reply; larger results are returned without
                arrays.
        """
        self.program = program
        self.max_bytes = max_bytes

    @cached_property
    def _encoded(self) -> tuple[str, bytes]:
        """The constant fields of the header, and the bytes of the arrays."""
        steps, arrays = encode(self.program)
        fields = {"max_bytes": self.max_bytes, "program": steps, "arrays": wire.specs(arrays)}
        return json.dumps(fields), wire.body(arrays)

    @property
    def may_wait(self) -> bool:
        """Tell whether it may sit in a worker's socket before its turn, where code can read it.

        Code that knows what will be counted could compute it earlier, when nothing is counted.
        """
        return not any(isinstance(step, Call) and step.count for step in self.program)

    def frame(self, number: int, key: str) -> bytes:
        """Return the frame that requests it.

        Args:
            number: the number of the request.
            key: the worker's key, which it gets with the import.
        """
        fields, body = self._encoded
        return wire.frame(f'{{"id": {number}, {fields[1:]}', body)


class Import(Request):
    """The import of a module, before any program."""

    def __init__(self, module: str) -> None:
        """Keep the name of the module."""
        super().__init__(())
        self._module = module

    def frame(self, number: int, key: str) -> bytes:
        """Return the frame that requests it."""
        fields = {"id": number, "import": self._module, "max_bytes": self.max_bytes, "key": key}
        return wire.packed({**fields, "program": []})
