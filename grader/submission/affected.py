"""Which targets a changed file of a submission affects, decided without parsing any of it.

The rule is `worker.stage.Stage`: a target sees its own modules from the submission, every other
module of the interface from the handout, and any helper file. A module from the handout still
offers the names that the submission added to its own file of that name (`worker.importing`), so
code that mentions a module may depend on the submission's file. Regrading too much costs a moment;
regrading too little shows a stale result. When in doubt, a file affects a target.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from grader.assignment import Assignment, Target, given_files

# Ways to access a module whose name does not appear on the line.
_DYNAMIC = re.compile(
    rb"\b(__import__|importlib|import_module|modules|pkgutil|runpy|open|exec|eval)\b"
)
# For the package itself, the handout's file is always used, with nothing added.
_PACKAGE = "__init__.py"


def affected_targets(
    assignment: Assignment,
    changed: Collection[str],
    files: Mapping[str, bytes],
    targets: Sequence[Target],
) -> tuple[Target, ...]:
    """Return the targets that could see one of the files.

    Args:
        assignment: whose targets they are.
        changed: paths in the package, such as "activations.py".
        files: the submission as it is now; a file in `changed` may be gone.
        targets: the targets to choose from.
    """
    names = set(changed) - {_PACKAGE}
    if names - _interface(assignment):
        return tuple(targets)  # a helper, which anything could import
    return tuple(target for target in targets if names & _seen(assignment, target, files))


def _interface(assignment: Assignment) -> frozenset[str]:
    """Return the names of the modules that students and the grader share."""
    given = given_files(assignment)
    return frozenset(name for name in given if name.endswith(".py") and "/" not in name)


def _seen(assignment: Assignment, target: Target, files: Mapping[str, bytes]) -> set[str]:
    """Return the interface modules that a target may see in the submission's version."""
    own = {f"{module}.py" for module in assignment.submitted_modules(target)}
    interface, given = _interface(assignment), given_files(assignment)
    modules = interface - {_PACKAGE}
    seen = own | (set(files) - interface)
    while True:
        added = (_added(given.get(x, b""), files[x]) for x in sorted(seen) if x in files)
        lines = b"\n".join(added)
        more = {name for name in modules - seen if _speaks_of(lines, name)}
        if not more:
            return seen
        seen |= more


def _added(given: bytes, content: bytes) -> bytes:
    """Return the lines of a file that the handout's file lacks; the others need no added name."""
    known = set(given.splitlines())
    return b"\n".join(line for line in content.splitlines() if line not in known)


def _speaks_of(lines: bytes, name: str) -> bool:
    stem = name.removesuffix(".py").encode()
    return bool(re.search(rb"\b" + stem + rb"\b", lines) or _DYNAMIC.search(lines))
