"""How a command ends: whatever it raises, there are a documented exit code and a message."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import NoReturn

import click

from grader.errors import GraderError, UsageError
from grader.signals import wait_for_children

from .options import FAULT, INTERRUPTED
from .streams import enduring, unprinted


def _provide_streams() -> None:
    """Open the standard streams that the shell has closed (`<&-`, `>&-`, `2>&-`).

    Else Python has no stream to print to, and what is opened next would be taken for one.
    """
    while not all(map(_is_open, (0, 1, 2))):  # the lowest number that is free is taken
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def documented_exit(has_results: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """End the process with the exit code that stands for what was raised.

    Args:
        has_results: tells at the end whether the command is one that writes files: what it prints
            may then be lost.
    """
    _provide_streams()
    wait_for_children()
    # What is computed here is small; a second thread may be one more than the machine allows.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with enduring():
        try:
            yield
        except UsageError as error:
            _show(click.UsageError(str(error)))
        except click.ClickException as error:
            _show(error)
        except click.Abort:
            raise
        except (click.exceptions.Exit, SystemExit) as end:
            code = end.code if isinstance(end, SystemExit) else end.exit_code
            _tell_unprinted(bool(code) or has_results())
            raise
        except MemoryError:
            _show(
                click.UsageError(
                    "There is too little memory for the grader; allow more (ulimit -v)."
                )
            )
        except KeyboardInterrupt:
            click.echo("Stopped before the end.", err=True)
            sys.exit(INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - it has the exit code of a fault
            _say(error)
            sys.exit(FAULT)
        else:
            _tell_unprinted(has_results())


def _tell_unprinted(keeps_code: bool) -> None:
    """Say so if what was printed is lost; a command that is there to print ends by it."""
    if reason := unprinted():
        click.echo(f"Error: {reason}", err=True)
        if not keeps_code:
            sys.exit(FAULT)


def _show(error: click.ClickException) -> NoReturn:
    """End as click does with what is wrong in a command."""
    error.show()
    sys.exit(error.exit_code)


def _say(error: Exception) -> None:
    """Say that the grader failed, and where, but for what has words of its own."""
    words = str(error)
    if not isinstance(error, GraderError):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
        words = traceback.format_exception_only(error)[-1].strip()
    click.echo(f"Error: The autograder failed: {words.rstrip('.')}.", err=True)
    click.echo("Please tell the course staff; what stands above helps them.", err=True)
