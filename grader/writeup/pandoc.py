"""Pandoc, which reads Markdown and formulas. It runs in its own sandbox mode: it opens no file."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypandoc

from grader.errors import MachineError, UsageError

# No raw text becomes Typst; formulas stay unchanged, so that they can be found in the file.
_MARKDOWN = (
    "markdown-raw_attribute-latex_macros-native_divs-native_spans-citations-yaml_metadata_block"
    "-pandoc_title_block-mmd_title_block+tex_math_single_backslash+lists_without_preceding_blankline"
    "-example_lists-header_attributes-link_attributes-blank_before_header-blank_before_blockquote"
)
_VERSION = [1, 23, 1]
# Seconds for a text, a batch of formulas, and all formulas; a long writeup takes less than one.
PATIENCE, SHORT, ALL = 10.0, 4.0, 15.0
TIMEOUT = "timeout"
# Pandoc's memory limit, and its exit code when that is exceeded.
MEMORY, _EXHAUSTED = "600m", 251
# Precedes each formula in a batch, with its number.
_MARK = "\x01{}\x02"


@dataclass(frozen=True)
class Converted:
    """A formula as Typst, or why pandoc refused it, in its own words."""

    typst: str
    complaint: str = ""


def blocks_of(markdown: str) -> list[Any]:
    """Return the blocks of a Markdown text, in pandoc's JSON format.

    Raises:
        UsageError: pandoc cannot read it.
    """
    try:
        return list(json.loads(_run(["-f", _MARKDOWN, "-t", "json"], markdown))["blocks"])
    except RecursionError:
        raise UsageError("The text is nested too deeply to be typeset.") from None


def converted(formulas: Sequence[str], end: float | None = None) -> list[Converted]:
    """Return LaTeX formulas as Typst, in order. If one takes too long, only that one fails.

    Args:
        formulas: in LaTeX.
        end: the deadline for all, on the clock of `time.monotonic`; after it, the rest is skipped.
    """
    if not formulas:
        return []
    end = time.monotonic() + ALL if end is None else end
    if (left := end - time.monotonic()) <= 0:
        return [Converted("", TIMEOUT)] * len(formulas)
    try:
        return _batch(formulas, min(SHORT, left))
    except (_TooSlow, _TooLarge):
        if len(formulas) == 1:
            return [Converted("", TIMEOUT)]
    half = len(formulas) // 2
    return converted(formulas[:half], end) + converted(formulas[half:], end)


def _batch(formulas: Sequence[str], patience: float) -> list[Converted]:
    blocks: list[Any] = []
    for number, tex in enumerate(formulas):
        mark = {"t": "RawInline", "c": ["typst", _MARK.format(number)]}
        math = {"t": "Math", "c": [{"t": "InlineMath"}, tex]}
        blocks += [{"t": "Para", "c": [mark]}, {"t": "Para", "c": [math]}]
    document = {"pandoc-api-version": _VERSION, "meta": {}, "blocks": blocks}
    with tempfile.TemporaryDirectory(prefix="grader-writeup-") as folder:
        log = Path(folder) / "log.json"
        options = ["-f", "json", "-t", "typst", "--wrap=preserve", f"--log={log}"]
        written = _run(options, json.dumps(document), patience)
        complaints = _complaints(json.loads(log.read_text("utf-8")))
    parts = re.split(_MARK.format(r"\d+"), written)[1:]
    return [
        Converted(typst.strip(), complaints.get(tex.strip(), ""))
        for tex, typst in zip(formulas, parts, strict=True)
    ]


class _TooSlow(UsageError):
    """Pandoc did not finish in time."""


class _TooLarge(UsageError):
    """Pandoc ran out of memory."""


def _complaints(log: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    kind = "CouldNotConvertTeXMath"
    return {str(x["contents"]).strip(): str(x["message"]) for x in log if x.get("type") == kind}


def _run(options: Sequence[str], text: str, patience: float = PATIENCE) -> str:
    command = [_program(), "+RTS", f"-M{MEMORY}", "-RTS", *options, "--sandbox", "--quiet"]
    try:
        done = subprocess.run(
            command, input=text.encode("utf-8", "replace"), capture_output=True, timeout=patience,
            check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _TooSlow(
            f"The text could not be read in {patience:g} seconds; simplify it."
        ) from None
    except subprocess.CalledProcessError as error:
        if error.returncode == _EXHAUSTED:
            raise _TooLarge("The text takes too much memory to read; simplify it.") from None
        said = error.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise UsageError(f"The text could not be read: {said[0][:200]}.") from None
    except OSError as error:
        raise MachineError("pandoc could not be started", error.errno or 0) from error
    return done.stdout.decode("utf-8", "replace")


def _program() -> str:
    """Return the pandoc from the wheel: other versions produce different Typst."""
    own = Path(pypandoc.__file__).parent / "files" / "pandoc"
    found = [path for path in (own, own.with_suffix(".exe")) if path.is_file()]
    return str(found[0]) if found else str(pypandoc.get_pandoc_path())
