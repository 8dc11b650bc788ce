"""The homework that is graded by default: neural networks in plain numpy."""
