"""The commands. Only here, and in `report/terminal`, is anything printed; only here is exited.

Every module is for one audience: students, course staff, platforms. A command reads its options,
calls the rooms below, prints, and exits; nobody imports this room.
"""

from .command import main

__all__ = ["main"]
