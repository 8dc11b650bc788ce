"""An autograder for homework in plain numpy."""

__version__ = "0.1.0"
