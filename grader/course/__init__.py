"""A class: everything done with the submissions of all students at once.

| folder | what it is for |
|---|---|
| `sources/` | a downloaded class: who owns each entry, and how to open it |
| `store/` | one SQLite file with everything known about the class |
| `grading/` | from submissions to grades on this machine; long-lived graders |
| `cluster/` | the same on many machines |
| `output/` | grades.csv, canvas.csv, a folder per student, code for other tools |
| `page/` | the class page: statistics, mistakes, and failures nobody has named yet |
| `comparing/` | two gradings side by side |
| `writeups/` | the PDF of every submission, with one table of the pages |

`people` has the types that all of them share, `entries` names, `csv_reading` and `sheets` tables.
A problem in one submission costs that student's row and no other. Nothing is printed here.
Some folders need extras, so nothing is imported here.
"""

__all__ = [
    "cluster", "comparing", "grading", "output", "page", "people", "sources", "store", "writeups",
]  # fmt: skip
