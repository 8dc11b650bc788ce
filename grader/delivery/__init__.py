"""What leaves the project: the students' zip, Gradescope's zip, and one run in its container.

Zips hold the engine, an assignment and nothing else; the students' never holds a solution.
"""

__all__ = ["autograde", "bundle", "handout"]
