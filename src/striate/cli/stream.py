"""Printing that a long piece of work outlives: when the reader of a pipe leaves, the work goes on unseen."""

from __future__ import annotations

import os
from typing import TextIO


class Outlived:
    """A text stream that falls silent once its reader has gone (`striate train ... | head`)."""

    def __init__(self, stream: TextIO) -> None:
        """Wrap a stream; all but writing is its own."""
        self._stream = stream
        self.is_heard = True

    def write(self, text: str) -> int:
        """Write, as long as somebody reads; return the length of the text."""
        try:
            return self._stream.write(text) if self.is_heard else len(text)
        except BrokenPipeError:
            self._fall_silent()
            return len(text)

    def flush(self) -> None:
        """Flush, as long as somebody reads."""
        try:
            if self.is_heard:
                self._stream.flush()
        except BrokenPipeError:
            self._fall_silent()

    def isatty(self) -> bool:
        """Whether a terminal shows what is written."""
        return self.is_heard and self._stream.isatty()

    def fileno(self) -> int:
        """The stream's file descriptor, by which a terminal's width is found."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        """The stream's encoding, by which it is known which signs can be shown."""
        return self._stream.encoding

    def _fall_silent(self) -> None:
        """Point the descriptor at nothing, so that what is still buffered doesn't fail when Python leaves."""
        self.is_heard = False
        try:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())
            os.close(nothing)
        except OSError:  # a stream without a descriptor has nothing left to flush
            pass
