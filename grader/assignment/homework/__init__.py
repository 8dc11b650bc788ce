"""The homework that is graded if no other assignment is named: neural networks in plain numpy."""
