"""Starting and ending the processes that hold a submission; nothing else starts one.

A starter is asked for workers, one after the other; on Linux it has a launcher fork them, elsewhere
each one is a new process. What is said to a worker, and how far its answers are believed, is up to
`isolation`, which also describes the theory of operation.

Nothing here imports numpy: a command starts the launcher first, which loads it in the meantime.
"""

from .fork_client import ForkServerClient
from .protocols import Process, Starter
from .spawner import Spawner
from .starters import Kept, starter

__all__ = ["ForkServerClient", "Kept", "Process", "Spawner", "Starter", "starter"]
