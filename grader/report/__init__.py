"""One grade, in every format that somebody reads: results.json, other services, HTML, the terminal.

What it gives: each module below, which callers import when they need it, because jinja2 and rich
take their time; hence nothing is imported here. What never enters: pytest, processes, and numbers
that still have to be judged. Only `terminal` prints.
"""

__all__ = [
    "cleaning",
    "environment",
    "figures",
    "formats",
    "gradescope",
    "html",
    "messages",
    "pictures",
    "svg",
    "terminal",
]
