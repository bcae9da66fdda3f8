"""One command in several processes, as torchrun starts it: one of them speaks, once, also when something goes wrong."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import FrameType

from striate.errors import InputError, LostError
from striate.launch import is_launched, read_launch

# Whoever knows the cause should speak before those who only miss another, and rank 0 before all.
_OTHERS_WAIT, _BEREFT_WAIT = 1.0, 2.0


@contextmanager
def attended() -> Iterator[None]:
    """A `with` for a command: of several processes, all but rank 0 are silent, and SIGTERM ends each like Ctrl-C.

    torchrun sends it to all that are left once one has failed; unheeded, it would end them before they can say why.
    """
    if not is_launched():
        yield
        return
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # a host that no name server knows is no news
    launch = read_launch()
    former = signal.signal(signal.SIGTERM, _end)
    if launch.rank == 0:
        yield
    else:
        with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
            yield
    signal.signal(signal.SIGTERM, former)  # after an error it is may_speak that sees to it


def may_speak(problem: BaseException | None = None) -> bool:
    """Whether this process is the one to tell the user what went wrong; of several, one alone is."""
    if not is_launched():
        return True
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    from striate.train.ranks import claim_word

    try:
        rank = read_launch().rank
    except InputError:
        return True
    time.sleep(_OTHERS_WAIT * (rank > 0) + _BEREFT_WAIT * isinstance(problem, LostError))
    return claim_word()


def leave() -> None:
    """End after the others know who speaks."""
    if is_launched():
        from striate.train.ranks import take_leave

        sys.stderr.flush()
        take_leave()


def describe_stop() -> str:
    """What a stop that nobody saved for is called."""
    return "stopped; of several processes another one may have failed" if is_launched() else "stopped"


def _end(number: int, frame: FrameType | None) -> None:
    """Stop, unless an error is on its way out already."""
    if not isinstance(sys.exception(), Exception):
        raise KeyboardInterrupt
