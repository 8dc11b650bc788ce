"""From numbers to verdicts: comparing, numeric gradients, loops, known mistakes, points.

All of it is pure: it starts nothing, opens nothing and asks nobody. What the right answers are, and
how a submission's were come by, is the business of other rooms.
"""

from .batching import Loop, find_loop, leaves_out
from .diagnosis import (
    DIAGNOSED,
    SUMS,
    Result,
    Signature,
    diagnose,
    has_wrong_numbers,
    signature,
    signature_tolerance,
)
from .gradcheck import Numeric, numeric_gradient
from .grade import Grade, Line, Round, capped
from .judge import PLACEHOLDER, compare, fitted, judge_form, judge_numbers

__all__ = [
    "DIAGNOSED",
    "PLACEHOLDER",
    "SUMS",
    "Grade",
    "Line",
    "Loop",
    "Numeric",
    "Result",
    "Round",
    "Signature",
    "capped",
    "compare",
    "diagnose",
    "find_loop",
    "fitted",
    "has_wrong_numbers",
    "judge_form",
    "judge_numbers",
    "leaves_out",
    "numeric_gradient",
    "signature",
    "signature_tolerance",
]
