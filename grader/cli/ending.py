"""How a command ends: whatever it raises, there is a documented exit code and a message."""

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

from .options import FAULT, INTERRUPTED, INVALID
from .streams import enduring, unprinted


def _provide_streams() -> None:
    """Open the standard streams that the shell closed (`<&-`, `>&-`, `2>&-`).

    Otherwise Python has no stream to print to, and the next opened file would take its place.
    """
    while not all(map(_is_open, (0, 1, 2))):  # opening a file takes the lowest free number
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
    """End the process with the exit code that matches what was raised.

    Args:
        has_results: tells at the end whether the command writes files, so that its printed output
            may be lost.
    """
    _provide_streams()
    wait_for_children()
    # The computations here are small, and one more thread may be more than the machine allows.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with enduring():
        try:
            yield
        except UsageError as error:
            _refuse(str(error))
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            raise
        except (click.exceptions.Exit, SystemExit) as end:
            code = end.code if isinstance(end, SystemExit) else end.exit_code
            _tell_unprinted(bool(code) or has_results())
            raise
        except MemoryError:
            _refuse("The grader ran out of memory; allow more (ulimit -v).")
        except KeyboardInterrupt:
            click.echo("Stopped early.", err=True)
            sys.exit(INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - exits with the code of a fault
            _say(error)
            sys.exit(FAULT)
        else:
            _tell_unprinted(has_results())


def _tell_unprinted(keeps_code: bool) -> None:
    """Report lost output; a command whose purpose is to print exits with an error."""
    if reason := unprinted():
        click.echo(f"Error: {reason}", err=True)
        if not keeps_code:
            sys.exit(FAULT)


def _refuse(why: str) -> NoReturn:
    """Exit as click does if a command is not valid, without the usage lines."""
    click.echo(f"Error: {why}", err=True)
    sys.exit(INVALID)


def _say(error: Exception) -> None:
    """Report that the grader failed, and where, unless the error carries its own message."""
    words = str(error)
    if not isinstance(error, GraderError):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
        words = traceback.format_exception_only(error)[-1].strip()
    click.echo(f"Error: The autograder failed: {words.rstrip('.')}.", err=True)
    click.echo("Please tell the course staff; the text above helps them.", err=True)
