"""Grading a class on many machines: an engine on a Dask cluster that is already running.

It needs the extra `cluster`, and is imported only where a scheduler is named.
"""

from .engine import Cluster

__all__ = ["Cluster"]
