"""How a command ends: whatever it raises, there are a documented exit code and a message."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator
from typing import NoReturn

import click

from grader.errors import GraderError, UsageError

from .options import CLOSED, FAULT, INTERRUPTED


def _provide_streams() -> None:
    """Open what is printed to where the shell has closed it (`>&-`): Python then has no stream."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115


@contextlib.contextmanager
def documented_exit() -> Iterator[None]:
    """End the process with the exit code that stands for what was raised."""
    _provide_streams()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except UsageError as error:
        _show(click.UsageError(str(error)))
    except click.ClickException as error:
        _show(error)
    except (click.Abort, click.exceptions.Exit):
        raise
    except KeyboardInterrupt:
        click.echo("Stopped before the end.", err=True)
        sys.exit(INTERRUPTED)
    except SystemExit as error:
        # rich ends the process so, with 1, when nobody reads what it prints.
        if error.code == 1 and isinstance(error.__context__, BrokenPipeError):
            sys.exit(CLOSED)
        raise
    except BrokenPipeError:  # nobody reads any more: `| head -1`
        _let_go()
        sys.exit(CLOSED)
    except Exception as error:  # noqa: BLE001 - it has the exit code of a fault
        with contextlib.suppress(OSError):  # nobody reads that either
            _say(error)
        _let_go()
        sys.exit(FAULT)


def _show(error: click.ClickException) -> NoReturn:
    """End as click does with what is wrong in a command, also where nobody reads it."""
    try:
        error.show()
    except OSError:
        _let_go()
    sys.exit(error.exit_code)


def _say(error: Exception) -> None:
    """Say that the grader failed, and where, but for what has words of its own."""
    words = str(error)
    if not isinstance(error, GraderError):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
        words = traceback.format_exception_only(error)[-1].strip()
    click.echo(f"Error: The autograder failed: {words.rstrip('.')}.", err=True)
    click.echo("Please tell the course staff; what stands above helps them.", err=True)


def _let_go() -> None:
    """Forget what could not be printed: Python would try again at its end, and exit with 120."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # of a test, it has no descriptor
            number = stream.fileno()
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
