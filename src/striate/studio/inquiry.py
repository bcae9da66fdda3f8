"""What a question is asked of: a run's copy for this question alone, and the input that is meant.

An input is {number} of the held-out part, or {input}, the handle of an upload (a text too). Nothing of it is a path.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.studio.routes.route import read_text, read_whole
from striate.studio.session import Session
from striate.studio.tickets import Ticket

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from striate.studio.uploads import Upload
    from striate.verbs import Run

Body = Mapping[str, Any]
Hear = Callable[[int, int], None]
OFTEN = 0.1  # seconds between two pieces of news
MOST_NAME = 200  # signs


@dataclass(frozen=True)
class Sample:
    """An input as `explain` takes it, a batch of one; `key` tells it from others, `truth` is its class, where known."""

    key: tuple[str, str]
    name: str
    inputs: NDArray[Any] = field(compare=False, repr=False)
    truth: str | None = None


def borrow_run(session: Session, folder: Path, ticket: Ticket) -> Run:
    """A copy of a run for one question, so that nobody waits for its end; it stops when nobody waits for the answer.

    Raises:  RunError where the run can't be loaded.
    """
    with session.questions.using(folder) as run:
        own = replace(run, module=deepcopy(run.module))
    own.module.register_forward_pre_hook(lambda *_: ticket.check())
    return own


def read_input(session: Session, folder: Path, handle: object) -> NDArray[Any]:
    """An upload, by its handle, as the run in a folder reads its samples, [channels, *extents].

    Raises:  InputError where the handle is gone; what `Questions.read` raises.
    """
    upload: Upload = session.handles.take("input", handle)
    return session.questions.read(folder, upload, session.uploads)


def read_sample(session: Session, run: Run, asked: Any) -> Sample:
    """The input that a question about a run is about.

    Raises:  InputError for none; what reading an upload, or the run's data, raises.
    """
    import numpy as np

    body: Body = asked if isinstance(asked, dict) else {}
    folder = session.runs / run.path.name
    if body.get("input") is not None:
        values = read_input(session, folder, body["input"])
        name = "your file" if body.get("name") is None else read_text(body, "name", MOST_NAME)
        return Sample(("upload", str(body["input"])), name, np.array(values)[None])
    held = session.questions.hold(folder)
    number = read_whole(body, "number", 0, len(held) - 1)
    if number is None:
        raise InputError("sample: found none, needed one. Choose a held-out sample, or a file of yours")
    truth = run.classes[int(held.part.labels[number])] if run.task.name == "classify" else None
    values = np.array(held.part.inputs[number : number + 1])  # out of a file that is only to be read
    return Sample(("held", str(number)), held.part.names[number], values, truth=truth)


def read_layer(body: Body) -> str | None:
    """The path of the layer that is asked about; None where none is."""
    return None if body.get("layer") is None else read_text(body, "layer", 400)


def read_token(body: Body) -> str:
    """The word by which the page knows the news of this request."""
    return read_text(body, "ask", 64) if body.get("ask") is not None else ""


def hear_for(session: Session, ticket: Ticket, token: str, step: str) -> Hear:
    """What long work is to call: it tells the page how far it is, and ends the work if nobody waits for it."""
    told = 0.0

    def hear(done: int, total: int) -> None:
        nonlocal told
        ticket.check()
        if time.monotonic() - told > OFTEN or done >= total:
            told = time.monotonic()
            session.stream.publish("asking", {"ask": token, "step": step, "done": done, "total": total})

    return hear
