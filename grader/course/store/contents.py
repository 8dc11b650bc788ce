"""The graded part of a hand-in, as bytes: two with the same hash are the same to the grader."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

from grader.submission import NOTHING, Submission

# What a submission says about how it was found; this does not change what is graded.
_FOUND = ("folder", "left_out", "source", "filled", "passed_over")


def packed(submission: Submission) -> tuple[str, bytes]:
    """Return the hash of what is graded in a submission, and the packed bytes."""
    files = {name: base64.b64encode(x).decode() for name, x in submission.files.items()}
    value = {"files": files, "instead": dict(submission.instead)}
    plain = json.dumps(value, sort_keys=True).encode()
    return hashlib.sha256(plain).hexdigest(), zlib.compress(plain)


def found(submission: Submission) -> str:
    """Return how a submission was found, as JSON."""
    return json.dumps({name: getattr(submission, name) for name in _FOUND})


def unpacked(packed: bytes, found: str = "{}") -> Submission:
    """Return the submission from the results of `packed` and `found`."""
    value = json.loads(zlib.decompress(packed))
    files = {name: base64.b64decode(text) for name, text in value["files"].items()}
    told: dict[str, Any] = {name: getattr(NOTHING, name) for name in _FOUND} | json.loads(found)
    told |= {name: tuple(told[name]) for name in ("left_out", "passed_over")}
    return Submission(files, instead=value["instead"], **told)
