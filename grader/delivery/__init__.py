"""What leaves the project: the student zip, the Gradescope zip, and a run in its container.

The zips contain the engine, an assignment and nothing else; the student zip never has a solution.
"""

__all__ = ["autograde", "bundle", "handout"]
