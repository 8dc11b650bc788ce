"""From numbers to verdicts: comparing, numeric gradients, loops, known mistakes, points.

All of it is pure: it starts nothing, opens nothing and asks nobody. What the right answers are, and
how a submission's were come by, is the business of other rooms.
"""

from .batching import Loop, find_loop
from .diagnosis import (
    DIAGNOSED,
    SUMS,
    Result,
    Signature,
    diagnose,
    signature,
    signature_tolerance,
)
from .gradcheck import Numeric, numeric_gradient
from .grade import Grade, Line, Round
from .judge import compare, judge_form, judge_numbers

__all__ = [
    "DIAGNOSED",
    "SUMS",
    "Grade",
    "Line",
    "Loop",
    "Numeric",
    "Result",
    "Round",
    "Signature",
    "compare",
    "diagnose",
    "find_loop",
    "judge_form",
    "judge_numbers",
    "numeric_gradient",
    "signature",
    "signature_tolerance",
]
