"""The grader, measured: known mistakes, honest variants and mutants are graded and counted.

It says how often the grader errs, and on what. No submission of a student is graded here.
"""

__all__ = ["charges", "table", "trials", "validate"]
