"""A refusal: its status, its name for the log, and the one line that the client gets."""

from __future__ import annotations

import logging

log = logging.getLogger("striate.studio")
FAULT = "a fault of Striate's: the terminal that it was started in says more"
_LONGEST = 160


class Refused(Exception):  # noqa: N818 - nothing went wrong here
    """A request that isn't answered; `found` is shown in the log alone."""

    def __init__(self, status: int, name: str, message: str, found: str = "") -> None:
        """Keep what to answer and what to log."""
        super().__init__(message)
        self.status, self.name, self.message, self.found = status, name, message, found


def write_plain(text: str | bytes) -> str:
    r"""Write what a client sent so that it can stand in a log: on one line, in ASCII, cut to 160 signs.

    >>> write_plain(b"/a\r\nfake\x1b[2J")
    '/a\\r\\nfake\\x1b[2J'
    """
    signs = text.decode("latin-1") if isinstance(text, bytes) else text
    plain = signs[: _LONGEST + 1].encode("unicode_escape").decode("ascii")
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."


def escape(text: str) -> str:
    r"""Write signs that a terminal obeys as what they are; line ends and letters of any language stay.

    >>> escape("schön\n\x1b[2J")
    'schön\n\\x1b[2J'
    """
    return "".join(
        sign if sign == "\n" or sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text
    )


def log_refusal(refused: Refused, method: str, path: str | bytes, client: str) -> str:
    """Log a refusal in one line and give the line."""
    found = f": {write_plain(refused.found)}" if refused.found else ""
    line = f"refused {refused.name} ({refused.status}): {write_plain(method)} {write_plain(path)} from {client}{found}"
    log.warning("%s", line)
    return line
