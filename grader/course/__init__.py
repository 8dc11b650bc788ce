"""A class: what is done with the submissions of all students at once.

`sources` reads a class as it was downloaded: whose each entry is, in the words of `people`.
`writeups` gathers or makes the PDF of every one; `table` has what all of them say, and `page_map`
reads what came with a PDF. `page` makes the page of a class from its store. What goes wrong in one
submission costs that student's row and no other. Nothing is printed here. `writeups` needs the
extra `writeup`, hence nothing is imported here.
"""

__all__ = ["page", "page_map", "people", "sources", "table", "writeups"]
