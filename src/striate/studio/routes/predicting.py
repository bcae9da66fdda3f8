"""The verb by which the page asks what a run answers on an input that was uploaded, drawn or typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from striate.studio.inquiry import read_input
from striate.studio.routes.questioning import take_folder
from striate.studio.routes.route import Body, answers
from striate.studio.session import Session
from striate.studio.tickets import Ticket


@answers
def predict(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """What `striate predict` says of an upload, every class's score, and the input as the network gets it."""
    from striate.verbs.telling import tell_one

    folder = take_folder(session, body)
    values = read_input(session, folder, body.get("input"))
    ticket.check()
    with session.questions.using(folder) as run:
        return vars(tell_one(run, values))
