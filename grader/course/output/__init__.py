"""What a class produces: grades.csv, canvas.csv, a folder per student, code for other tools.

`overrides` reads the one thing that people feed back: points by hand.
"""

from . import canvas, exports, grades, overrides, reports

__all__ = ["canvas", "exports", "grades", "overrides", "reports"]
