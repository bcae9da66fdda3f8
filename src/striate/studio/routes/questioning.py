"""The verbs of the Question view that are about a whole run: which there are, what one is, its report.

A run goes by the handle that the list gave, as in the Train view; its samples by their numbers in the held-out part.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from striate.studio.datasets import NAMES, is_here
from striate.studio.merits import find_judged
from striate.studio.routes.route import Body, answers
from striate.studio.session import Document, Session
from striate.studio.tickets import Ticket


def take_folder(session: Session, body: Body) -> Path:
    """The folder of the run that a request is about. Raises: InputError where the handle is gone."""
    return session.runs / session.take_run(body.get("run"))


def list_finished(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The finished runs, the newest first."""
    trainings, found = session.trainings, []
    for name in trainings.list_names():
        ticket.check()
        if (trainings.runs / name / "weights.safetensors").is_file() and not trainings.job(name).is_alive:
            found.append({"name": name, "run": session.give_run(name)})
    return {"runs": found}


@answers
def tell_run(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """What a run is; `missing` says why its data can't be had, if they can't."""
    from striate.verbs.describing import describe_run

    folder = take_folder(session, body)
    told = describe_run(folder)
    source, in_memory = told["data"].pop("source"), told["data"].pop("in_memory")
    return {
        **told,
        "handle": body.get("run"),
        "judged": find_judged(folder),
        "missing": find_missing(str(source), in_memory=in_memory),
    }


def find_missing(source: str, *, in_memory: bool) -> str | None:
    """Why a run's data aren't here, in a line; None where they seem to be. Nothing is fetched for it."""
    if in_memory:
        return "It was trained on arrays in memory, which no folder holds."
    if source in NAMES:
        return None if is_here(source) else f"The set {source} is not on this machine."
    return None if Path(source).exists() else f"Its data, {Path(source).name}, are no longer where they were."


@answers
def show_report(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The handle of a run's report, which is written first where there is none, or `anew`."""
    folder = take_folder(session, body)
    page = folder / "report.html"
    if body.get("anew") is True or not page.is_file():
        from striate.verbs.reporting import report

        with session.questions.using(folder) as run:
            report(run)
    return {"view": session.show(Document(page)), "bytes": page.stat().st_size}
