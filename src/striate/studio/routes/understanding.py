"""The verbs of the Understand view: a pass through a network, its maps, fields, sums and the places of a weight.

What can't be shown of a network is part of an answer, not a refusal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.studio.plain import encode
from striate.studio.routes.route import Body, answers, read_whole
from striate.studio.session import Session
from striate.studio.sources import read_source, read_subject
from striate.studio.tickets import Ticket

if TYPE_CHECKING:
    from striate.explain.sums import Layer, Play
    from striate.measure.sight import Sight

MOST_HANDLES = 1024
MOST_PLAYS, MOST_HELD_BYTES = 4, 2 << 30  # held at once, each with every number of a pass; of large ones fewer
MOST_CELLS = 1 << 20  # in one answer
MOST_TERMS = 40_000
MOST_USES = 20_000


@dataclass(frozen=True, eq=False)
class Watched:
    """A pass that the page looks at."""

    playing: Play
    layers: tuple[Layer, ...]


def list_subjects(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The finished runs whose weights can be looked at."""
    folders = sorted(each.parent for each in session.runs.glob("*/result.json")) if session.runs.is_dir() else []
    return {"runs": [_describe(session, folder) for folder in folders]}


def _describe(session: Session, folder: Path) -> Mapping[str, Any]:
    """A run by its handle, and what it takes, where its settings can be read: the shape, and the files' kind."""
    try:
        settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        shape, reading = list(settings["input"]), settings["data"].get("reading") or {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        shape, reading = [], {}
    takes = str(reading.get("kind", "images"))
    return {
        "name": folder.name,
        "subject": session.handles.give_same("subject", folder, most=MOST_HANDLES),
        "input": shape,
        "takes": takes,
    }


@answers
def watch(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Run a network, fresh or a run's, on one input, and keep all numbers on the way."""
    import torch

    from striate.explain.sums import list_layers
    from striate.verbs.spelling import watch as play

    asked = read_subject(session, body)
    ticket.check()
    inputs, told = read_source(session, body.get("source"), asked.shape, asked.run)
    is_ready = isinstance(inputs, torch.Tensor)  # as it goes in: nothing is left to normalise
    playing = play(asked.module if is_ready or asked.run is None else asked.run, inputs)
    ticket.check()
    layers = list_layers(playing.trace)
    most = min(MOST_PLAYS, MOST_HELD_BYTES // max(1, count_bytes(playing)))
    handle = session.handles.give("play", Watched(playing, layers), most=max(1, most))
    return {
        "play": handle,
        "name": asked.name,
        "told": told,
        "input": {"shape": asked.shape},
        "layers": [{"index": each.index, "name": each.name, "kind": each.kind, "shape": each.shape} for each in layers],
    }


def count_bytes(playing: Play) -> int:
    """What a pass takes; numbers that share memory are counted once."""
    memories = [each.untyped_storage() for each in playing.numbers.values()]
    return sum({memory.data_ptr(): memory.nbytes() for memory in memories}.values())


def _take(session: Session, body: Body) -> tuple[Watched, Layer | None]:
    watched: Watched = session.handles.take("play", body.get("play"))
    number = read_whole(body, "layer", 0, len(watched.layers) - 1)
    return watched, None if number is None else watched.layers[number]


def _read_cell(body: Body, name: str = "cell") -> tuple[int, ...]:
    cell = body.get(name)
    if not isinstance(cell, list) or not all(isinstance(each, int) and 0 <= each < 1 << 31 for each in cell):
        raise InputError(f"{name}: needed whole numbers from 0")
    return tuple(cell)


@answers
def give_maps(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The numbers of a layer's channels (of the input without a layer) in single precision, and their histogram."""
    import numpy as np

    from striate.explain.sums import count_values, read_values

    watched, layer = _take(session, body)
    values = read_values(watched.playing, layer)
    first = read_whole(body, "first", 0, 1 << 31) or 0
    size = max(1, int(np.prod(values.shape[1:])))
    wanted = read_whole(body, "count", 1, 1 << 20) or (16 if values.ndim > 1 else len(values))
    count = min(wanted, max(1, MOST_CELLS // size))
    shown = values[first : first + count]
    return {
        "values": encode(shown),
        "first": first,
        "shape": shown.shape,
        "whole": values.shape,
        "histogram": asdict(count_values(values)),
    }


@answers
def give_field(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """What a cell of a layer sees of the input (-1) and of every layer between, as blocks of runs along each axis."""
    from striate.measure.between import look_between

    watched, layer = _take(session, body)
    if layer is None:
        raise InputError("field: needed a layer")
    return _tell(watched, look_between(watched.playing.trace, layer.value, _read_cell(body), channels=True))


@answers
def give_touched(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Which cells of every later layer see a cell of a layer, or of the input without one."""
    from striate.measure.between import look_ahead

    watched, layer = _take(session, body)
    value = watched.playing.input if layer is None else layer.value
    return _tell(watched, look_ahead(watched.playing.trace, value, _read_cell(body), channels=True))


def _tell(watched: Watched, sights: Mapping[int, Sight]) -> Mapping[str, Any]:
    """By layer: its blocks, channels first, and the box around them, without channels where there are extents."""
    values = {id(watched.playing.input): -1} | {id(layer.value): layer.index for layer in watched.layers}
    found = {values[key]: sight for key, sight in sights.items() if key in values and sight.blocks}
    return {
        "fields": {
            str(key): [[_list_runs(bits) for bits in block] for block in sight.blocks] for key, sight in found.items()
        },
        "boxes": {
            str(key): [[part.start, part.stop] for part in sight][len(sight.extents) > 1 :]
            for key, sight in found.items()
        },
        "exact": all(sight.is_exact for sight in found.values()),
    }


def _list_runs(bits: int) -> list[tuple[int, int]]:
    """A set of indices as runs from the first to behind the last.

    >>> _list_runs(0b11011)
    [(0, 2), (3, 5)]
    """
    runs, start = [], 0
    while bits:
        skipped = (bits & -bits).bit_length() - 1
        bits >>= skipped
        length = (~bits & (bits + 1)).bit_length() - 1
        runs.append((start + skipped, start + skipped + length))
        bits >>= length
        start += skipped + length
    return runs


@answers
def give_cell(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """The whole sum behind a cell of a layer."""
    from striate.explain.sums import spell_cell

    watched, layer = _take(session, body)
    if layer is None:
        raise InputError("cell: needed a layer")
    spelled = spell_cell(watched.playing, layer.index, _read_cell(body))
    terms = spelled.terms
    if terms is not None and len(terms.weights) > MOST_TERMS:
        raise InputError(
            f"cell: {len(terms.weights):,} products, of which {MOST_TERMS:,} can be shown. Use striate.spell"
        )
    steps = [
        {**vars(replace(step, terms=None)), "facts": dict(step.facts), "error": step.error} for step in spelled.steps
    ]
    more = {"products": terms.products, "partial": terms.partial, "total": terms.total} if terms is not None else {}
    told = None if terms is None else {**vars(terms), **more}
    return {**vars(spelled), "steps": steps, "terms": told, "error": spelled.error}


@answers
def give_uses(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Every cell of a layer that a weight helps to make, and the input cell that it meets there."""
    from striate.explain.sums import find_uses

    watched, layer = _take(session, body)
    if layer is None:
        raise InputError("uses: needed a layer")
    found = find_uses(watched.playing, layer, _read_cell(body, "index"))
    return {
        **vars(found),
        "count": len(found.outputs),
        "outputs": found.outputs[:MOST_USES],
        "inputs": found.inputs[:MOST_USES],
    }
