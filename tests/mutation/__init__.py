"""Mutants of the grader itself: `make mutants-of-grader` (as root; minutes)."""
