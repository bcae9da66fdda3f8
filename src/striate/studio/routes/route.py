"""One verb of the studio's: its name, its function on plain values, its limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from striate.errors import InputError

if TYPE_CHECKING:
    from striate.studio.session import Session
    from striate.studio.tickets import Ticket

MOST_BYTES = 1 << 20
Body = Mapping[str, Any]
Answer = Callable[["Session", dict[str, Any], "Ticket"], Mapping[str, Any]]


@dataclass(frozen=True)
class Route:
    """`POST /api/<name>`: `answer(session, body, ticket)` gives plain values, or raises an InputError.

    `superseding`: a later request of the same page makes an earlier one worthless. `lane`: what takes longer than a few
    hundredths of a second is heavy.
    """

    name: str
    answer: Answer
    superseding: bool = False
    lane: Literal["quick", "heavy"] = "quick"
    most_bytes: int = MOST_BYTES


def answers(function: Answer) -> Answer:
    """Let what is expected to go wrong be a `problem` in the answer: a refusal would stand in the browser's console."""

    def answer(session: Session, body: dict[str, Any], ticket: Ticket) -> Mapping[str, Any]:
        try:
            return function(session, body, ticket)
        except InputError as error:
            return {"problem": hide_folder(session, say_problem(error))}

    return answer


def say_problem(error: InputError) -> str:
    """A user's mistake in one line; of a network's text without the place, which is told beside it.

    >>> say_problem(InputError("--lr is 0"))
    '--lr is 0'
    """
    return str(getattr(error, "problem", error))


def hide_folder(session: Session, text: str) -> str:
    """A message without the path of the studio's own folder."""
    return text.replace(f"{session.runs}/", "").replace(f"{session.folder.resolve()}/", "")


def quote(value: object) -> str:
    r"""Write what a body had in a place, so that it can stand in a line.

    >>> quote("a\n b"), quote([3, -1])
    ('a b', '[3, -1]')
    """
    return " ".join(str(value)[:60].split())


def read_text(body: Body, name: str, most: int = 1 << 19) -> str:
    """Give a text of a body.

    Raises:  InputError where it is missing, no text, or too long.

    >>> read_text({"text": "relu"}, "text")
    'relu'
    """
    value = body.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise InputError(f"{name}: needed a text of at most {most:,} signs")
    return value


def read_whole(body: Body, name: str, least: int, most: int) -> int | None:
    """Give a whole number of a body; None where it is left out.

    Raises:  InputError for anything else, and beyond the limits.

    >>> read_whole({"batch": 8}, "batch", 1, 64), read_whole({}, "batch", 1, 64)
    (8, None)
    """
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputError(f"{name}: found {quote(value)}, needed a whole number from {least} to {most}")
    return value


def read_shape(body: Body, name: str, most_axes: int = 8) -> tuple[int, ...] | None:
    """Give a shape of a body, such as [3, 224, 224]; None where it is left out.

    Raises:  InputError for anything else.

    >>> read_shape({"input": [3, 8, 8]}, "input")
    (3, 8, 8)
    """
    value = body.get(name)
    if value is None:
        return None
    fine = isinstance(value, list) and 0 < len(value) <= most_axes
    if not fine or not all(isinstance(n, int) and not isinstance(n, bool) and 0 < n < 1 << 31 for n in value):
        raise InputError(f"{name}: found {quote(value)}, needed channels and extents, such as [3, 224, 224]")
    return tuple(value)
