"""The verbs of the Question view's explanations: the methods, the maps of an input, how far each can be trusted.

Figures are those of `striate.explain`; what a method can't do for a network is part of an answer, not a refusal.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.studio.inquiry import Sample, borrow_run, hear_for, read_layer, read_sample, read_token
from striate.studio.plain import encode
from striate.studio.routes.questioning import take_folder
from striate.studio.routes.route import Body, answers, read_whole
from striate.studio.session import Document, Session
from striate.studio.tickets import Ticket

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from striate.explain import Heat
    from striate.report.heats.panes import Pane
    from striate.verbs import Run

MOST_METHODS = 4  # side by side
MOST_EXPLAINED = 24  # kept, each with its input
MOST_ANSWERS = 5


@dataclass(frozen=True, eq=False)
class Explained:
    """A map that was made, and of what: enough to judge it, and to put it on a page."""

    folder: Path
    sample: Sample
    heat: Heat = field(repr=False)
    asked: Mapping[str, Any] = field(default_factory=dict)


@answers
def list_methods(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The methods in the words of their catalogue, the colours of maps, and the layers that can be looked at."""
    from striate.explain.methods.catalogue import METHODS
    from striate.report.heats.panes import list_colours
    from striate.verbs.explaining import check_explained

    run = session.questions.know(take_folder(session, body))
    check_explained(run)
    layers = list_layers(run)
    return {"methods": [_describe(each) for each in METHODS.values()], "colours": list_colours(), "layers": layers}


def _describe(method: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(method).items() if name != "compute"}


def list_layers(run: Run) -> list[dict[str, str]]:
    """The layers of a run's network, by path."""
    parts = ((path, part) for path, part in run.module.named_modules() if path and not any(part.children()))
    return [{"path": path, "kind": type(part).__name__} for path, part in parts]


@answers
def find_unfit(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Which methods can't explain this run, and why: tried on the input that is asked about."""
    from striate.verbs.fitting import find_unfit as try_methods

    folder = take_folder(session, body)
    run = borrow_run(session, folder, ticket)
    sample = read_sample(session, run, body.get("sample"))
    return {"unfit": try_methods(run, sample.inputs, ticket.check)}


@answers
def explain(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """One input's maps by one or more methods, with the time that each took; and what the network answers."""
    folder = take_folder(session, body)
    run = borrow_run(session, folder, ticket)
    sample = read_sample(session, run, body.get("sample"))
    methods, asked = _read_methods(body), _read_asked(body)
    maps = [_explain_one(session, folder, run, sample, each, asked, body, ticket) for each in methods]
    return {"name": sample.name, "truth": sample.truth, "answers": rank_answers(run, sample), "maps": maps}


def _explain_one(
    session: Session,
    folder: Path,
    run: Run,
    sample: Sample,
    method: str,
    asked: Mapping[str, Any],
    body: Body,
    ticket: Ticket,
) -> Mapping[str, Any]:
    from striate import verbs
    from striate.explain.methods.catalogue import METHODS
    from striate.report.heats.panes import make_pane

    told = {"method": method, "title": METHODS[method].title}
    own = _narrow(method, asked)
    hear = hear_for(session, ticket, read_token(body), METHODS[method].title)
    start = time.perf_counter()
    try:
        heat = verbs.explain(run, sample.inputs, method=method, on_progress=hear, patches=False, **own)
    except InputError as problem:
        return {**told, "problem": str(problem)}
    seconds = time.perf_counter() - start
    heat = replace(heat, names=(sample.name,))
    handle = session.handles.give("explained", Explained(folder, sample, heat, own), most=MOST_EXPLAINED)
    layer = {"layer": heat.layer, "unit": heat.unit, "target": heat.target[0], "notes": heat.notes}
    return {**told, **layer, "explained": handle, "seconds": seconds, "pane": write_pane(make_pane(heat), heat)}


def write_pane(pane: Pane, heat: Heat) -> Mapping[str, Any]:
    """A pane for the page: arrays as packed bytes with their shapes, the place of the peak in words."""
    from striate.report.heats.cards import write_peak

    told: dict[str, Any] = {"form": pane.form, "signed": pane.signed, "low": pane.low, "high": pane.high}
    told |= {"answer": pane.answer, "notes": pane.notes, "words": pane.words, "rate": pane.rate}
    told |= {"extents": heat.values.shape[1:], "shape": pane.values.shape, "values": pack(pane.values)}
    told |= {"peak": pane.peak, "peak_words": write_peak(pane.peak, pane.rate), "sounds": pane.sounds}
    if pane.ground is not None:
        told["ground"] = {"shape": pane.ground.shape, "values": pack(pane.ground)}
    if pane.grey is not None:
        told["grey"] = pack(pane.grey)
    if pane.spectrogram is not None and pane.moments is not None:
        levels = pane.spectrogram.levels
        told["spectrogram"] = {"shape": levels.shape, "values": pack(levels), "hertz": pane.spectrogram.hertz}
        told["spectrogram"]["moments"] = pack(pane.moments)
    return told


def pack(values: NDArray[Any]) -> str:
    """Numbers as the page unpacks them: bytes as they are, others in single precision."""
    return encode(values, "u1") if values.dtype.name == "uint8" else encode(values)


def rank_answers(run: Run, sample: Sample) -> list[dict[str, Any]]:
    """What the network answers: of classes and labels the likeliest with their probabilities, else its numbers."""
    from striate import verbs

    found = verbs.predict(run, sample.inputs, engine="torch")[0]
    if found.ndim != 1:
        return []
    order = (
        (-found).argsort(kind="stable")[:MOST_ANSWERS] if run.task.name in ("classify", "labels") else range(len(found))
    )
    names = run.classes or tuple(str(place) for place in range(len(found)))
    return [{"class": int(place), "name": names[place], "value": float(found[place])} for place in order]


@answers
def judge(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """How far a map that was made can be trusted: its figures, each in words, and what they come to."""
    from striate import verbs
    from striate.explain.methods.catalogue import METHODS
    from striate.explain.trust.telling import tell_map

    found: Explained = session.handles.take("explained", body.get("explained"))
    run = borrow_run(session, found.folder, ticket)
    title = METHODS[found.heat.method].title
    hear = hear_for(session, ticket, read_token(body), f"how far {title} can be trusted")
    start = time.perf_counter()
    asked = {**found.asked, "target": found.heat.target[0] if found.heat.unit is None else None}
    heat = verbs.explain(
        run, found.sample.inputs, method=found.heat.method, trust=True, on_progress=hear, patches=False, **asked
    )
    trust = heat.trust
    assert trust is not None
    heat = replace(heat, names=found.heat.names)
    handle = session.handles.give("explained", replace(found, heat=heat), most=MOST_EXPLAINED)
    return {
        "explained": handle,
        "figures": [asdict(each) for each in tell_map(trust)],
        "trustworthy": trust.maps[0].trustworthy,
        "words": trust.maps[0].words,
        "seconds": time.perf_counter() - start,
    }


@answers
def bind_page(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The maps that were made of one input as one page, the page of `striate explain`, shown under its sandbox."""
    from striate.report.heats.explanation import render_explanation

    handles = body.get("explained")
    if not isinstance(handles, list) or not 1 <= len(handles) <= MOST_METHODS:
        raise InputError(f"explained: needed from 1 to {MOST_METHODS} maps")
    found: list[Explained] = [session.handles.take("explained", each) for each in handles]
    page = render_explanation([each.heat for each in found], found[0].folder.name)
    return {"view": session.show(Document(page.encode("utf-8", "backslashreplace")))}


def _read_methods(body: Body) -> list[str]:
    from striate.explain.explaining import find_method

    names = body.get("methods")
    if not isinstance(names, list) or not 1 <= len(names) <= MOST_METHODS:
        raise InputError(f"methods: needed from 1 to {MOST_METHODS} of them")
    return [find_method(str(name)[:40]).name for name in names]


def _read_asked(body: Body) -> dict[str, Any]:
    """The class, the layer and the unit that are asked about, as far as they are."""
    asked = {"target": read_whole(body, "target", 0, 1 << 20), "unit": read_whole(body, "unit", 0, 1 << 20)}
    return {**asked, "layer": read_layer(body)}


def _narrow(method: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is asked what the method looks at."""
    from striate.explain.methods.catalogue import METHODS

    chosen = METHODS[method]
    own = {"target": asked["target"], "seed": 0}
    own |= {"layer": asked["layer"]} if chosen.layered else {}
    return own | ({"unit": asked["unit"]} if chosen.unitary else {})
