"""A grade in every format that someone reads: results.json, other services, HTML, the terminal.

Callers import the modules below when they need them, because jinja2 and rich are slow to import;
hence nothing is imported here. These modules never use pytest or processes, and never judge
numbers. Only `terminal` prints.
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
