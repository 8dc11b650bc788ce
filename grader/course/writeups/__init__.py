"""The written half of a class: the PDF of every submission, and one table of all page maps.

`gathering` needs the `writeup` extra, so nothing is imported here.
"""

__all__ = ["gathering", "page_map", "table"]
