"""The commands. Of this process, only they and `report/terminal` print, and only they exit.

Every module is for one audience: students, course staff, platforms. A command reads its options,
calls the rooms below, prints, and exits; nobody imports this room.
"""

from .command import main

__all__ = ["main"]
