"""From numbers to verdicts: comparing, numeric gradients, loops, known mistakes, points.

All of it is pure: it starts nothing, opens nothing, and queries nothing. Where the right answers
and the submission's answers come from is the business of other packages.
"""

from .batching import Loop, find_loop, leaves_out
from .blame import Blame, Circumstances, blame, is_apart, sentence
from .diagnosis import DIAGNOSED, SIZES, Hypotheses, Result, wrong_names
from .elements import VARIES, differences, judge_elements, worst_entry
from .gradcheck import Numeric, numeric_gradient
from .grade import Grade, Line, Override, Rerun, capped, compared, lines_of
from .judge import PLACEHOLDER, compare, facts, fitted, judge_form, judge_numbers, tolerance
from .multiples import multiple
from .patterns import shared
from .relations import Relation, Sample, relate, verified
from .signatures import SUMS, Signature, signature, signature_tolerance

__all__ = [
    "DIAGNOSED",
    "PLACEHOLDER",
    "SIZES",
    "SUMS",
    "VARIES",
    "Blame",
    "Circumstances",
    "Grade",
    "Hypotheses",
    "Line",
    "Loop",
    "Numeric",
    "Override",
    "Relation",
    "Rerun",
    "Result",
    "Sample",
    "Signature",
    "blame",
    "capped",
    "compare",
    "compared",
    "differences",
    "facts",
    "find_loop",
    "fitted",
    "is_apart",
    "judge_elements",
    "judge_form",
    "judge_numbers",
    "leaves_out",
    "lines_of",
    "multiple",
    "numeric_gradient",
    "relate",
    "sentence",
    "shared",
    "signature",
    "signature_tolerance",
    "tolerance",
    "verified",
    "worst_entry",
    "wrong_names",
]
