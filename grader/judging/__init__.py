"""From numbers to verdicts: comparing, numeric gradients, loops, known mistakes, points.

All of it is pure: it starts nothing, opens nothing and asks nobody. What the right answers are, and
how a submission's were come by, is the business of other rooms.
"""

from .batching import Loop, find_loop, leaves_out
from .diagnosis import (
    BY_NAME,
    DIAGNOSED,
    SUMS,
    Result,
    Signature,
    diagnose,
    has_wrong_numbers,
    signature,
    signature_tolerance,
)
from .elements import VARIES, differences, judge_elements, worst_entry
from .gradcheck import Numeric, numeric_gradient
from .grade import Grade, Line, Override, Round, capped, compared, lines_of
from .judge import PLACEHOLDER, compare, fitted, judge_form, judge_numbers

__all__ = [
    "BY_NAME",
    "DIAGNOSED",
    "PLACEHOLDER",
    "SUMS",
    "VARIES",
    "Grade",
    "Line",
    "Loop",
    "Numeric",
    "Override",
    "Result",
    "Round",
    "Signature",
    "capped",
    "compare",
    "compared",
    "diagnose",
    "differences",
    "find_loop",
    "fitted",
    "has_wrong_numbers",
    "judge_elements",
    "judge_form",
    "judge_numbers",
    "leaves_out",
    "lines_of",
    "numeric_gradient",
    "signature",
    "signature_tolerance",
    "worst_entry",
]
