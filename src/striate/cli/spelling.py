"""spell: the whole sum behind a cell of a layer, printed line by line; without a layer, the layers that there are."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.cli.exploring import to_plain
from striate.cli.networks import ZOO_CLASSES, read_shape
from striate.cli.subjects import working
from striate.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from striate.explain.sums import Layer, Play, Sum
    from striate.nets import Net
    from striate.verbs import Run


@dataclass(frozen=True)
class Question:
    """Which cell of which layer, and what goes into the network; `most` of the terms are printed."""

    layer: str | None = None
    cell: str | None = None
    what: str = "noise"
    input: str | None = None
    classes: int | None = None
    seed: int = 0
    most: int = 40


def spell_network(network: str, question: Question, *, json: bool) -> None:
    """Spell out a cell of a run, a network or a module; without a layer, list the layers."""
    from striate.explain.sums import find_layer, list_layers, spell_cell, write_sum

    cell = None if question.cell is None else read_place(question.cell)
    with working("running the network once"):
        playing = _play(network, question)
        layers = list_layers(playing.trace)
    if question.layer is None:
        _list_layers(layers, json=json)
        return
    layer = find_layer(playing, _name_layer(question.layer, layers))
    found = spell_cell(playing, layer.index, cell or _find_middle(layer.shape))
    print(json_format.dumps(to_record(found), indent=2) if json else write_sum(found, question.most))


def _play(network: str, question: Question) -> Play:
    from striate import verbs
    from striate.nets import Net
    from striate.verbs.measuring import read_network
    from striate.verbs.modules import is_module_name, load_module
    from striate.verbs.spelling import take_input, watch

    shape = read_shape(question.input) if question.input is not None else None
    subject: nn.Module | Run | Net = load_module(network) if is_module_name(network) else read_network(network)
    run = subject if isinstance(subject, verbs.Run) else None
    own = run.input if run is not None else getattr(subject, "input", None) if isinstance(subject, Net) else None
    if own is not None and run is not None and shape not in (None, own):
        raise InputError(f"--input {question.input}: the run takes {'x'.join(map(str, own))}. Leave it out")
    taken = shape or own
    if taken is None:
        raise InputError(f"{network}: says no input, needed its shape. Give --input 3x224x224")
    if isinstance(subject, Net):
        classes = question.classes or (ZOO_CLASSES if "classes" in subject.text else None)
        subject = verbs.build(subject, input=tuple(taken), classes=classes, seed=question.seed)
    return watch(subject, take_input(question.what, tuple(taken), run, question.seed))


def read_place(text: str) -> tuple[int, ...]:
    """Read a cell: channel, then place.

    Raises:  InputError for anything but whole numbers from 0 with commas.

    >>> read_place("3,0,12")
    (3, 0, 12)
    """
    parts = text.split(",")
    if not all(part.strip().isdecimal() and len(part) < 10 for part in parts):
        raise InputError(f"cell {text}: needed its channel and place, such as 3,0,12. Write it so")
    return tuple(map(int, parts))


def _name_layer(text: str, layers: Sequence[Layer]) -> str | int:
    """A layer's name; a number that names none is its place among the layers."""
    named = any(each.name == text or each.name.startswith(f"{text}.") for each in layers)
    return int(text) if text.isdecimal() and not named else text


def _find_middle(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(extent // 2 if axis else 0 for axis, extent in enumerate(shape))


def _list_layers(layers: Sequence[Layer], *, json: bool) -> None:
    if json:
        records = [{"name": each.name, "kind": each.kind, "shape": list(each.shape)} for each in layers]
        print(json_format.dumps(records, indent=2))
        return
    wide, kinds = (max(map(len, texts)) for texts in ([e.name for e in layers], [e.kind for e in layers]))
    for each in layers:
        print(f"{each.index:>4}  {each.name:<{wide}}  {each.kind:<{kinds}}  {'x'.join(map(str, each.shape))}")


def to_record(spelled: Sum) -> dict[str, Any]:
    """A sum as plain values, its products and errors worked out."""
    record: dict[str, Any] = {**to_plain(spelled), "error": spelled.error}
    if spelled.terms is not None:
        worked = {"products": spelled.terms.products.tolist(), "partial": spelled.terms.partial.tolist()}
        record["terms"] = {**to_plain(spelled.terms), **worked, "total": spelled.terms.total}
    return record
