"""An autograder for the neural-networks homework."""

__version__ = "0.1.0"
