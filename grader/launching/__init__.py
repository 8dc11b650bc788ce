"""Starting and ending the processes that hold a submission: nowhere else is one started.

A starter is asked for workers, one after the other; on Linux it has a launcher fork them, elsewhere
every one is a new process. What is said to a worker, and what is believed of its answers, is for
`isolation`, where the theory of operation stands.

Nothing here imports numpy: a command starts the launcher first, which loads it meanwhile.
"""

from .fork_client import ForkServerClient
from .protocols import Process, Starter
from .spawner import Spawner
from .starters import Kept, starter

__all__ = ["ForkServerClient", "Kept", "Process", "Spawner", "Starter", "starter"]
