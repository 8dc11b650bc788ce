"""A class: what is done with the submissions of all students at once.

| folder | what it is for |
|---|---|
| `sources/` | a class as it was downloaded: whose each entry is, and how it is opened |
| `store/` | one SQLite file with all that is known of the class |
| `grading/` | from what was handed in to grades, on this machine; graders that stay |
| `cluster/` | the same on many machines |
| `output/` | grades.csv, canvas.csv, a folder for every student, code for other tools |
| `page/` | the page of the class: statistics, mistakes, what nobody has named yet |
| `comparing/` | two gradings side by side |
| `writeups/` | the PDF of every submission, with one table of the pages |

`people` has the words that all of them use, `entries` names, `csv_reading` and `sheets` tables.
What goes wrong in one submission costs that student's row and no other. Nothing is printed here.
Some folders need extras: hence nothing is imported here.
"""

__all__ = [
    "cluster", "comparing", "grading", "output", "page", "people", "sources", "store", "writeups",
]  # fmt: skip
