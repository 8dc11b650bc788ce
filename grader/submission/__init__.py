"""What was handed in: finding, unpacking, and staging it, and what a saved file affects.

This package deals with files and file names only. Nothing of a submission is imported or parsed
here, and nothing is judged.
"""

from .affected import affected_targets
from .archives import is_tar
from .contents import is_archive, is_skipped, printable
from .finding import find
from .opening import files_beside, folders_with, is_openable
from .submission import NOTHING, Submission
from .workspace import Staging, private_folder, staging

__all__ = [
    "NOTHING",
    "Staging",
    "Submission",
    "affected_targets",
    "files_beside",
    "find",
    "folders_with",
    "is_archive",
    "is_openable",
    "is_skipped",
    "is_tar",
    "printable",
    "private_folder",
    "staging",
]
