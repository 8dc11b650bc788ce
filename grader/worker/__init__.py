"""The other side of the wall: the launcher, and the workers that hold a submission.

It provides the processes in which student code may run, what these processes give up beforehand
(`confine`, with what that requires of the machine: `packages`, `access`), the frames that cross the
wall (`wire`), the files of one worker (`stage`), and the code that runs a program on a package
(`interpreter`), which is also used for the reference, so that both answer exactly the same
questions.

No secret enters: no reference, no right answer, no verdict. Of the grader, modules here import only
this package and `grader.program`; the launcher could not find more. This file imports nothing,
because every process loads only the modules it needs.
"""

__all__ = [
    "access",
    "confine",
    "guard",
    "interpreter",
    "launcher",
    "packages",
    "places",
    "stage",
    "sweeping",
    "users",
    "values",
    "wire",
]
