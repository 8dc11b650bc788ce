"""Quotes in the pages are up to date; `make messages` rewrites them."""

from __future__ import annotations

import re

import pytest

from grader.paths import ROOT
from tests.documents import COMMAND, QUOTING, written

TEXTS = {name: (ROOT / name).read_text("utf-8") for name in QUOTING}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUOTING)
def test_a_page_is_up_to_date(name: str) -> None:
    if written(name) != TEXTS[name]:
        pytest.fail(f"{name} is out of date: run `{COMMAND}`.", pytrace=False)


@pytest.mark.slow
def test_every_stale_quote_is_written_anew() -> None:
    """Every quote is changed or removed first."""
    stale = {
        "docs/measured.md": [(r"\d+ mistakes,", "7 mistakes,"), (r"\d+ of them", "8 of them"),
                             (r"\d+ with a message", "9 with a message")],
        "docs/threat-model.md": [(r"\| 0 of \d+ \|", "| 1 of 2 |")],
        "docs/commands.md": [(r"grades \d+ hostile", "grades 7 hostile")],
        "docs/students.md": [(r"\| shape \|[^\n]*\n", "")],
        "README.md": [(r"\[\d+ hostile", "[7 hostile"),
                      (r"^3\.1 +ReLU .*\n", ""), (r"^Still to write: .*$", "To be done:")],
    }  # fmt: skip
    for name, quotes in stale.items():
        text = TEXTS[name]
        for pattern, other in quotes:
            text = re.sub(pattern, other, text, count=1, flags=re.MULTILINE)
            assert other in text
        assert text != TEXTS[name]
        assert QUOTING[name](text) == written(name)
