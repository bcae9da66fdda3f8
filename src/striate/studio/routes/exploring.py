"""The verbs of the Question view's views of a whole network, as `striate explore` draws them, and of its text."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.studio.drawings import Drawing
from striate.studio.inquiry import Sample, borrow_run, hear_for, read_layer, read_sample, read_token
from striate.studio.questioned import read_stamp
from striate.studio.routes.explaining import list_layers
from striate.studio.routes.questioning import take_folder
from striate.studio.routes.route import Body, answers, read_text, read_whole
from striate.studio.session import Document, Session
from striate.studio.tickets import Ticket

if TYPE_CHECKING:
    from striate.verbs import Run

MOST_OPTION = 200  # signs
DOTS = 150  # an inch
_DRAWING = Lock()  # matplotlib's settings are one for all threads


@answers
def list_views(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The views in the words of their catalogue, why a run can't have some, and its layers."""
    from striate.explain.views import VIEWS
    from striate.verbs.exploring import refuse_views

    run = session.questions.know(take_folder(session, body))
    refused, layers = refuse_views(run), list_layers(run)
    views = [
        {
            "name": each.name,
            "title": each.title,
            "reading": each.reading,
            "needs": each.needs,
            "options": {name: write_option(value) for name, value in each.options.items()},
            "problem": refused.get(each.name),
        }
        for each in VIEWS.values()
    ]
    return {"views": views, "layers": layers}


def write_option(value: Any) -> str:
    """An option's default as it is written; nothing where it is left to the view.

    >>> write_option((8, 8)), write_option(None), write_option(True)
    ('8,8', '', 'yes')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


@answers
def explore(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """One view of a run's network, drawn; what was drawn before is given again."""
    from striate.explain.views import VIEWS

    name = read_text(body, "view", 40)
    if name not in VIEWS:
        raise InputError(f"view: needed one of {', '.join(VIEWS)}")
    folder = take_folder(session, body)
    asked, stamp = _read_asked(body), read_stamp(folder)
    run = borrow_run(session, folder, ticket)
    needs = body.get("sample") is not None and "inputs" in VIEWS[name].needs
    sample = read_sample(session, run, body["sample"]) if needs else None
    key = (folder, stamp, name, tuple(asked.items()), sample.key if sample else None)  # other weights, another drawing
    found = session.drawings.find(key)
    is_new = found is None
    if found is None:
        found = draw(run, name, asked, sample, hear_for(session, ticket, read_token(body), VIEWS[name].title))
        session.drawings.keep(key, found)
    page = None if found.page is None else session.show(Document(found.page))
    picture = f"data:image/png;base64,{b64encode(found.picture).decode()}"
    told = {"width": found.width, "height": found.height, "notes": found.notes, "seconds": found.seconds}
    return {**told, "picture": picture, "page": page, "new": is_new, "sample": sample.name if sample else None}


def draw(run: Run, view: str, asked: Mapping[str, Any], sample: Sample | None, hear: Any) -> Drawing:
    """Look at a network in one way, and draw it as `striate explore` does."""
    from striate import verbs
    from striate.report.figures import MARK, PAGES, figure

    start = time.perf_counter()
    more = {name: asked[name] for name in ("layer", "unit", "seed")}
    found = verbs.explore(run, view, sample and sample.inputs, on_progress=hear, **more, **dict(asked["options"]))
    drawn, page = BytesIO(), PAGES.get(type(found))
    with _DRAWING:
        picture = figure(found)
        picture.savefig(drawn, format="png", dpi=DOTS)
        is_series = page is not None and len(run.input) == 2
        text = page(found, MARK).encode("utf-8", "backslashreplace") if page is not None and is_series else None
    notes, seconds = tuple(getattr(found, "notes", ())), time.perf_counter() - start
    size = round(picture.width * DOTS), round(picture.height * DOTS)
    return Drawing(drawn.getvalue(), *size, notes, seconds, text)


def _read_asked(body: Body) -> dict[str, Any]:
    """The layer, the unit, the seed and the view's own options, as far as they are given."""
    given = body.get("options")
    options = {} if given is None else given
    fine = isinstance(options, dict) and all(
        isinstance(text, str) and len(text) <= MOST_OPTION for text in options.values()
    )
    if not fine or not all(name.isidentifier() for name in options):
        raise InputError(f"options: needed texts of at most {MOST_OPTION} signs, by name")
    unit, seed = read_whole(body, "unit", 0, 1 << 20), read_whole(body, "seed", 0, 1 << 31) or 0
    return {"layer": read_layer(body), "unit": unit, "seed": seed, "options": tuple(sorted(options.items()))}


@answers
def tell_network(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """A run's network as the Write view's verbs take it: its text, its input, its number of classes."""
    run = session.questions.know(take_folder(session, body))
    return {"text": run.net.text, "input": run.input, "classes": len(run.classes) or None}
