"""The other side of the wall: the launcher, and the workers that hold a submission.

It gives the rooms above the processes in which student code may run, what these processes give up
before (`confine`, with what that needs of the machine: `packages`, `reach`), the frames that cross
the wall (`wire`), the files of one worker (`stage`), and what runs a program on a package
(`interpreter`): the reference is asked by it, too, and so both answer exactly the same questions.

No secret enters: no reference, no right answer, no verdict. Of the grader, a module here imports
this room and `grader.program`, nothing else; the launcher could not find more. This file imports
nothing, because every process takes only the modules it needs.
"""

__all__ = [
    "confine",
    "guard",
    "interpreter",
    "launcher",
    "packages",
    "places",
    "reach",
    "stage",
    "sweeping",
    "users",
    "values",
    "wire",
]
