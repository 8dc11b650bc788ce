"""Measuring the grader: known mistakes, correct variants and mutants are graded and counted.

It reports how often the grader errs, and on what. No student submission is graded here.
"""

__all__ = ["charges", "table", "trials", "validate"]
