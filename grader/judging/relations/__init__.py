"""How wrong numbers relate to the right ones: factors, axes, known arrays, earlier calls.

A relation is searched for among all results of one name in one check. It has to hold in every entry
of every result, and their sizes differ. It is a statement about the numbers: what the code does is
not known here. All of this works on plain arrays and is independent of any homework.
"""

from .factors import Factor, simplest
from .sample import Sample
from .search import Relation, relate, verified

__all__ = ["Factor", "Relation", "Sample", "relate", "simplest", "verified"]
