"""Ctrl-C and a polite kill as a wish: the step at hand is finished, the state saved, and only then the run stops."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether a stop is wished."""

    def __init__(self) -> None:
        """No wish yet."""
        self.is_wished = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note the first signal; a second one doesn't wait."""
        if self.is_wished:
            raise KeyboardInterrupt
        self.is_wished = True


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """A `with` that turns the first SIGINT or SIGTERM into a wish; a second one raises KeyboardInterrupt.

    The former handlers come back. Outside the main thread, where signals can't be handled, nothing changes, and a
    signal that the process ignores stays ignored.
    """
    wish = Interruption()
    former = {}
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            # None is a handler that Python didn't set and so couldn't bring back.
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                former[number] = signal.signal(number, wish.handle)
    try:
        yield wish
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
