"""A class: what is done with the submissions of all students at once.

`sources` reads a class as it was downloaded: whose each entry is, in the words of `people`.
`writeups` gathers or makes the PDF of every one; `table` has what all of them say, and `page_map`
reads what came with a PDF. Of a graded class, `grades`, `canvas` and `reports` make what is given
back, `overrides` reads the points that were given by hand, `sides`, `comparing` and `differences`
compare two gradings, and `exports` lays code out for other tools. What goes wrong in one submission
costs that student's row and no other. Nothing is printed here. `writeups` needs the extra
`writeup`, hence nothing is imported here.
"""

__all__ = [
    "canvas",
    "comparing",
    "differences",
    "exports",
    "grades",
    "overrides",
    "page",
    "page_map",
    "people",
    "reports",
    "sides",
    "sources",
    "table",
    "writeups",
]
