"""The commands. In this process, only they and `report/terminal` print, and only they exit.

Each module serves one audience: students, course staff, or platforms. A command reads its options,
calls the packages below it, prints, and exits; only `__main__` imports this package.
"""

from .command import main

__all__ = ["main"]
