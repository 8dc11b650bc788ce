"""A homework's requirements, as data: its targets and points, their test cases, and its files.

`homework/` is the assignment that is graded by default; any other one is a folder like it,
somewhere else. Nothing here runs a submission, judges a number, or imports a reference. The names
of classes, modules, and questions stay in here: no other package of the grader knows one.
"""

from .adapters import (
    ActivationAdapter,
    CallAdapter,
    Coupling,
    Example,
    LayerAdapter,
    LossAdapter,
)
from .answers import Answer, answers_of
from .assignment import Assignment, Folders
from .case import Case, Problem
from .elements import UNCHANGED, Elements
from .exercises import (
    LAYOUT_WEIGHT,
    OTHER_LAYOUTS,
    WARM_UP,
    Builder,
    batch_sizes,
    counted_calls,
    element_case,
    exercises,
    laid_out,
    one_call,
    same_parameters,
    state_cases,
)
from .explanations import CHECKS, STANDARD, Explanation
from .fitting import drawn, require_cases
from .loading import load, sources, unique_name
from .places import not_imported
from .stubs import (
    BEGIN,
    BEGIN_TEXT,
    END,
    TEXT_HOLE,
    differing,
    given_files,
    hole,
    holes,
    write_files,
)
from .target import VISIBILITIES, RateLimit, Target, TargetKind

__all__ = [
    "BEGIN",
    "BEGIN_TEXT",
    "CHECKS",
    "END",
    "LAYOUT_WEIGHT",
    "OTHER_LAYOUTS",
    "STANDARD",
    "TEXT_HOLE",
    "UNCHANGED",
    "VISIBILITIES",
    "WARM_UP",
    "ActivationAdapter",
    "Answer",
    "Assignment",
    "Builder",
    "CallAdapter",
    "Case",
    "Coupling",
    "Elements",
    "Example",
    "Explanation",
    "Folders",
    "LayerAdapter",
    "LossAdapter",
    "Problem",
    "RateLimit",
    "Target",
    "TargetKind",
    "answers_of",
    "batch_sizes",
    "counted_calls",
    "differing",
    "drawn",
    "element_case",
    "exercises",
    "given_files",
    "hole",
    "holes",
    "laid_out",
    "load",
    "not_imported",
    "one_call",
    "require_cases",
    "same_parameters",
    "sources",
    "state_cases",
    "unique_name",
    "write_files",
]
