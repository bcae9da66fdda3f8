"""What a wrong call prints, and the exit codes.

0 is success, 2 the user's input (one clear line on stderr, no traceback), 1 a fault of ours, 130 a stop by the user.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from striate.cli import designing, generating, running, seeing
from striate.cli.application import app
from striate.cli.ranks import attended, describe_stop, leave, may_speak
from striate.cli.waiting import limit_spinning
from striate.errors import InputError, Stopped

STOPPED = 130  # as shells report a program that Ctrl-C ended
THRESHOLDS = (20_000, 10, 100)  # by Python's own, what torch brings along is searched for garbage three times
UsageError: Any = typer.BadParameter.__mro__[1]  # typer shows the class of all wrong calls by its heirs alone
COMMANDS = (designing, running, generating, seeing)
"""The files of commands: each adds its own to the application when it is imported."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    limit_spinning()
    gc.set_threshold(*THRESHOLDS)
    code = run_command(arguments)
    gc.freeze()  # or all that torch brought along is searched for garbage once more: a third of a second
    sys.exit(code)


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code instead of leaving.

    >>> run_command(["nets", "--json"]) == run_command(["--version"]) == 0
    [...
    striate ...
    True
    """
    try:
        with attended():
            code = int(app(args=arguments, standalone_mode=False, prog_name="striate") or 0)
            sys.stdout.flush()
        return code if code != STOPPED else _complain(describe_stop(), code=STOPPED)  # typer took a Ctrl-C for itself
    except InputError as problem:
        return _complain(str(problem), problem)
    except (KeyboardInterrupt, typer.Abort):
        return _complain(describe_stop(), code=STOPPED)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit:  # typer's own answer to that
        return 0
    except Stopped as notice:
        return _complain(str(notice), code=STOPPED)
    except Exception as problem:
        if isinstance(problem, UsageError):
            return _complain(_say_usage(problem.format_message(), getattr(problem, "ctx", None)))
        if not may_speak(problem):  # another process has shown the same fault, or the one that this follows from
            return 1
        leave()
        raise


def _complain(message: str, problem: BaseException | None = None, code: int = 2) -> int:
    if may_speak(problem):
        print(f"striate: {message}", file=sys.stderr)
    leave()
    return code


def _say_usage(message: str, context: typer.Context | None) -> str:
    """A wrong call in one line, with the way to the help."""
    path = context.command_path if context else "striate"
    return f"{' '.join(message.split()).rstrip('.')}. See `{path} --help`"
