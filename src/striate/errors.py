"""What can go wrong by the user's hand: each error says where, what was found, what was needed, and a way out.

The command line prints the message alone and leaves with code 2; any error but an `InputError` is a fault of ours.
"""

from __future__ import annotations


class InputError(Exception):
    """The user's input is wrong; the message says where, what was found, what was needed, and a way out.

    >>> raise InputError("digits: --epochs is 0, but training needs at least 1. Leave it out to let Striate choose.")
    Traceback (most recent call last):
    striate.errors.InputError: digits: --epochs is 0, but training needs at least 1. Leave it out to let Striate choose.
    """


class NotationError(InputError):
    """A network's text can't be read or built; the message shows the line with a caret under the place.

    `source` names the file (or "text"), `line` and `column` count from 1, `problem` is the first sentence alone.
    """

    def __init__(self, problem: str, *, source: str = "text", line: int = 1, column: int = 1, shown: str = "") -> None:
        """Compose the message; `shown` is the text of the line that the caret points into."""
        self.problem, self.source, self.line, self.column = problem, source, line, column
        message = f"{source}:{line}:{column}: {problem}"
        if shown.strip():
            message += f"\n    {shown}\n    {' ' * (column - 1)}^"
        super().__init__(message)


class ShapeError(InputError):
    """A layer can't take the shape that meets it. `nets` adds the place in the text."""


class NetShapeError(NotationError, ShapeError):
    """A shape error with its place in a network's text."""


class DataError(InputError):
    """A data set can't be found, read or split."""


class RunError(InputError):
    """A run folder is missing, in use, unfinished, or not a run folder."""


class LostError(RunError):
    """Of several processes that train together, another one is gone or out of reach."""


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The user stopped a run; `step` says after how many steps, `history` holds the finished epochs' records."""

    def __init__(self, message: str, step: int, history: tuple[dict[str, object], ...]) -> None:
        """Keep where the run stands."""
        super().__init__(message)
        self.step, self.history = step, history
