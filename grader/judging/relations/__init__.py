"""What wrong numbers have to do with the right ones: factors, axes, known arrays, earlier calls.

A relation is looked for among all results of one name in one check. It has to hold in every entry
of every one, whose sizes differ, and is said of the numbers: what the code does is not known here.
All of it is about plain arrays, and knows no homework.
"""

from .factors import Factor, simplest
from .sample import Sample
from .search import Relation, relate, verified

__all__ = ["Factor", "Relation", "Sample", "relate", "simplest", "verified"]
