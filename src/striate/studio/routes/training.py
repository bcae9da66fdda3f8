"""The verbs of the Train view: what can be trained on, start, follow, pause, go on, the runs and two of them compared.

What the user got wrong is a `problem` in the answer. A run is known to the page by its handle, and by its name, which
is shown and by which a page that is loaded again knows it; a name from the page is never made a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from striate.errors import InputError
from striate.studio.asking import RECIPES, TASKS, check_net, read_options
from striate.studio.comparing import compare_settings, gather_figures
from striate.studio.datasets import Source, find_here, list_sources
from striate.studio.jobs import LOG
from striate.studio.merits import JUDGED, find_judged
from striate.studio.pace import read_pace
from striate.studio.plain import pack
from striate.studio.routes.route import Body, answers, read_text, read_whole, say_problem
from striate.studio.session import Document, Session
from striate.studio.tickets import Ticket
from striate.studio.trainings import describe_fully

MOST_HANDLES = 1024
MOST_COMPARED = 4


def list_data(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """What can be trained on, by handle; the recipes, tasks and networks that there are."""
    from striate.nets.lookup import list_zoo

    sources = [
        {"name": each.name, "data": session.handles.give_same("data", each, most=MOST_HANDLES)}
        for each in list_sources(session.folder)
    ]
    return {"data": sources, "recipes": RECIPES, "tasks": TASKS, "networks": ["auto", *list_zoo()]}


@answers
def preview_data(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """What a data set seems to hold, by handle: facts in words, and a few pictures."""
    from striate.verbs.previewing import preview

    source: Source = session.handles.take("data", body.get("data"))
    where = source.path or find_here(source.name) or source.name
    found = preview(where, source.name if source.path is None else "")
    samples = [{"label": label, "picture": pack(values)} for label, values in found.samples]
    return {"facts": found.facts, "samples": samples}


@answers
def start(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Begin a training: a text, a zoo name or "auto", and data by handle. Of a `problem` it says at which `field`."""
    try:
        source: Source = session.handles.take("data", body.get("data"))
    except InputError as problem:
        return {"problem": str(problem), "field": "data"}
    net = read_text(body, "net").strip()
    try:
        word = check_net(net)
    except InputError as problem:
        return {"problem": say_problem(problem), "field": "net"}
    try:
        options = read_options(body)
    except InputError as problem:
        return {"problem": str(problem), "field": str(problem).partition(":")[0]}
    stem = f"{word}-{source.name.strip('/').rsplit('/', 1)[-1].partition(' ')[0].partition('.')[0]}"
    name = session.trainings.start(stem, net, source.argument, options, session.folder)
    return {"run": session.give_run(name), "name": name}


def list_runs(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The runs, the newest first, and how each stands."""
    trainings, found = session.trainings, []
    for name in trainings.list_names():
        ticket.check()
        history = trainings.read_history(name)
        last = history[-1] if history else {}
        merit = last.get("validation_accuracy", last.get("validation_merit"))
        standing = trainings.describe(name)
        brief = {"state": standing.state, "epoch": last.get("epoch"), "merit": merit}
        judged = find_judged(trainings.runs / name)
        brief["judged"] = judged or (JUDGED["classify"] if "validation_accuracy" in last else None)
        found.append({"run": session.give_run(name), "name": name, **brief})
    return {"runs": found}


@answers
def follow(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """How a run stands, with its records from the one numbered `first` on."""
    name = session.take_run(body.get("run"))
    first = read_whole(body, "first", 0, 1 << 31) or 0
    session.watch.follow(name, read_whole(body, "sample", 0, 1 << 20))
    trainings = session.trainings
    standing, records = asdict(trainings.describe(name)), trainings.read_history(name)
    report = trainings.runs / name / "report.html"
    view = session.show(Document(report)) if standing["state"] == "finished" and body.get("report") else None
    job = trainings.job(name)
    pace = read_pace(job.read_log(), job.folder / LOG)
    told = {**standing, "pace": pace, "first": first, "count": len(records), "records": records[first:]}
    return {**told, "report": view, "judged": find_judged(trainings.runs / name)}


@answers
def pause(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Ask a training to save its state and end; with `at_once` it ends now, and goes on from its last checkpoint."""
    name = session.take_run(body.get("run"))
    session.trainings.job(name).stop(at_once=body.get("at_once") is True)
    return asdict(session.trainings.describe(name))


@answers
def resume(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Go on with a run from its last checkpoint."""
    name = session.take_run(body.get("run"))
    session.trainings.resume(name, session.folder)
    return asdict(session.trainings.describe(name))


@answers
def compare(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Runs side by side: their curves, their figures, and what they were told differently."""
    handles = body.get("runs")
    if not isinstance(handles, list) or not 2 <= len(handles) <= MOST_COMPARED:
        raise InputError(f"runs: needed from 2 to {MOST_COMPARED} of them")
    trainings, names = session.trainings, [session.take_run(each) for each in handles]
    histories = [trainings.read_history(name) for name in names]
    told = [describe_fully(trainings, name) for name in names]
    return {
        "names": names,
        "histories": histories,
        "judged": [find_judged(trainings.runs / name) for name in names],
        "figures": gather_figures(histories, [each["result"] for each in told]),
        "settings": compare_settings([each["settings"] for each in told]),
    }
