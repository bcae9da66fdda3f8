"""The verbs about what a run answers on what it held out: the counts, the samples behind each, and one of them whole.

The part is answered when it is first asked for; how far that is goes out as news.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.studio.routes.questioning import take_folder
from striate.studio.routes.route import Body, answers, read_whole
from striate.studio.session import Session
from striate.studio.tickets import Ticket

if TYPE_CHECKING:
    from striate.verbs.heldout import HeldOut, Query

MOST_SHOWN = 60  # samples in one answer
PAUSE_SECONDS = 0.2  # between two news of one kind


@answers
def count_outcomes(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The figures of the held-out part, and the grid of counts where the task has one."""
    from striate.verbs.heldout.catalogue import count_grid

    held = hold(session, body, ticket)
    return {"result": held.result.to_dict(), "grid": count_grid(held)}


@answers
def list_examples(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Held-out samples, each with a small picture: those behind a cell of the grid, or the wrong, the right, all."""
    from striate.verbs.heldout.catalogue import list_samples
    from striate.verbs.heldout.showing import show_small

    held, query = hold(session, body, ticket), _read_query(body)
    first, count = read_whole(body, "first", 0, 1 << 31) or 0, read_whole(body, "count", 1, MOST_SHOWN) or 24
    found = list_samples(held, query, first, count)
    shown = []
    for sample in found.samples:
        ticket.check()
        shown.append({**vars(sample), "media": show_small(held, sample.number)})
    return {"samples": shown, "first": first, "total": found.total, "order": found.order}


@answers
def give_sample(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """One held-out sample by its number: to look at and to hear, and what the run makes of it."""
    from striate.verbs.heldout.catalogue import tell_sample
    from striate.verbs.heldout.showing import list_scores, show_sample

    held = hold(session, body, ticket)
    number = read_whole(body, "number", 0, 1 << 31) or 0
    told = tell_sample(held, number)
    with session.questions.using(take_folder(session, body)):
        media = show_sample(held, number)
    return {**vars(told), "media": media, "scores": list_scores(held, number)}


def hold(session: Session, body: Body, ticket: Ticket) -> HeldOut:
    """The held-out part of the run that a request is about, with its answers; their making is told as news.

    Raises:  RunError where the data are gone or have changed.
    """
    folder = take_folder(session, body)
    ticket.check()
    return session.questions.hold(folder, *(_tell(session, folder.name, stage) for stage in ("data", "score")))


def _tell(session: Session, name: str, stage: str) -> Callable[[int, int], None]:
    """A listener that publishes how far a stage is, not more often than one can see."""
    last = 0.0

    def hear(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done >= total or now - last >= PAUSE_SECONDS:
            last = now
            session.stream.publish("outcomes", {"run": name, "stage": stage, "done": done, "total": total})

    return hear


def _read_query(body: Body) -> Query:
    """Which samples are asked for. Raises: InputError."""
    from striate.verbs.heldout import Query

    only = body.get("only", "all")
    if only not in ("all", "wrong", "right"):
        raise InputError("only: needed all, wrong or right")
    return Query(read_whole(body, "row", 0, 1 << 20), read_whole(body, "column", 0, 1 << 20), only)
