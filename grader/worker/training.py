"""Running the training script of a staged package `student` in a worker."""

from __future__ import annotations

import importlib
import os
import sys
import traceback

from .plain_names import PlainNames
from .stage import Stage


def train(module: str, stage: Stage, descriptor: int, problem: str) -> None:
    """Run `main` of a module in the package; what it prints goes to the grader.

    Args:
        module: a module of the package, such as "train".
        stage: the files; the package `student` is in the folder `given`.
        descriptor: the descriptor to print to.
        problem: why this process cannot be confined as it should be; then it does nothing else.
    """
    for number in (1, 2):
        os.dup2(descriptor, number)
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    if problem:
        print(f"The training cannot be isolated: {problem}", flush=True)  # noqa: T201
        return
    sys.path.insert(0, stage.given)
    folder = stage.submission + os.sep
    PlainNames(
        lambda name: any(os.path.exists(f"{folder}{name}{end}") for end in (".py", os.sep)),
        lambda file: file.removeprefix(folder) if file.startswith(folder) else "",
    ).install()
    try:
        importlib.import_module(f"student.{module}").main()
    except BaseException as error:
        _print_traceback(error, stage.given + os.sep)
        raise
    finally:
        sys.stdout.flush()


def _print_traceback(error: BaseException, folder: str) -> None:
    """Print a traceback from the submission's first file on, with paths relative to it."""
    frames = error.__traceback__
    while frames is not None and not frames.tb_frame.f_code.co_filename.startswith(folder):
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames))
    print(text.replace(folder, ""))  # noqa: T201 - to the grader, as the submission prints
