"""Tests of the grader, the reference and the handout."""
