"""The trusted handle to the processes that hold a submission: nowhere else is one started.

It gives `Sandbox`, which runs a program on a submission and returns a `Run`, and the starters of
workers behind it. How the parts work together stands at the top of `sandbox`.

No right answer enters, and nothing of an assignment: which modules and methods there are comes with
the call. What a worker sends leaves this room checked, cut to size and typed (`replies`), as a
claim and never as a verdict on points.
"""

from grader.worker.places import GIVEN_MARK

from .fork_client import ForkServerClient
from .patience import Patience
from .protocols import Process, Starter
from .sandbox import MAX_PRINTED_PER_PROGRAM, MAX_REPLY_BYTES, Sandbox
from .spawner import Spawner
from .starters import Kept, starter
from .withholding import Gate

__all__ = [
    "GIVEN_MARK",
    "MAX_PRINTED_PER_PROGRAM",
    "MAX_REPLY_BYTES",
    "ForkServerClient",
    "Gate",
    "Kept",
    "Patience",
    "Process",
    "Sandbox",
    "Spawner",
    "Starter",
    "starter",
]
