"""What the last layers see, against what there is: too little, more than the input, or nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod

from striate.arithmetic import Field
from striate.measure.advice.flow import Flow, find_weight
from striate.measure.advice.parameters import find_flatten
from striate.measure.advice.shortest import Track, read_shortest
from striate.measure.fields import View, read_fields
from striate.measure.finding import Finding
from striate.measure.operation import Operation
from striate.measure.reach import Slide
from striate.measure.rules.catalogue import find_rule
from striate.measure.table import Table
from striate.measure.wording import write_each

MOST_LAYERS = 8
"""As many more layers are worth a thought; a network that lacks more of them lacks strides."""


def find_field_mismatch(table: Table) -> Iterator[Finding]:
    """Compare the widest field of any convolution or pool with the input, statistics and gates left out.

    Too small a field counts only where no later layer joins the places of the map, as a fully connected one does; too
    large a one not where the layer makes a single cell of what is left.

    Source: Araujo, Norris, Sim, Distill 2019, "Computing Receptive Fields of Convolutional Neural Networks".
    """
    flow, views = Flow(table.trace), read_fields(table.trace, local=True)
    extents = table.trace.inputs[0].shape[2:]
    last = _find_widest(flow, views)
    if last is None or max(extents) == 1:
        return
    fields = _list_fields(last, views)
    sizes = [field.size for field in fields]
    figure = f"{write_each(sizes)} of {write_each(extents)}"
    past = [size - extent for size, extent in zip(sizes, extents, strict=True)]
    if min(past) > 0 and prod(last.outputs[0].shape[2:]) > 1:
        yield Finding(
            "field-past-input",
            last.path,
            "a cell of it sees further than the input reaches",
            f"{figure}: past it by {write_each(past)}{_compare(table, last, sizes)}",
            f"An input of {write_each(sizes)} would fill the field; on this one, fewer layers or strides see as much",
        )
    elif min(past) < 0 and not _joins_places(flow, last):
        yield Finding(
            "field-short-of-input",
            last.path,
            "no cell of it sees the whole input, nor does one of any other layer that slides",
            f"{figure} cells" + (" along each axis" if len(extents) > 1 else ""),
            _suggest_more(fields, extents),
        )


def _find_widest(flow: Flow, views: dict[int, View]) -> Operation | None:
    """The convolution or pool with the widest field that is still a part of the input; the last one of several."""
    found = [operation for operation in flow.operations if _slides(operation) and _list_fields(operation, views)]
    return max(reversed(found), key=lambda each: sum(field.size for field in _list_fields(each, views)), default=None)


def _list_fields(operation: Operation, views: dict[int, View]) -> list[Field]:
    """The field of an operation along each axis; none unless its cells see different parts of each."""
    view = views.get(id(operation.outputs[0]), ())
    fields = [seen.field for seen in view if seen.dim is not None and seen.field is not None]
    return fields if len(fields) == len(view) else []


def _slides(operation: Operation) -> bool:
    """Whether an operation is a convolution or a pool with a window of several cells."""
    rule = find_rule(operation)
    if rule is None or operation.is_view:
        return False
    sources = rule.reach(operation, 0)
    return bool(sources) and any(isinstance(axis, Slide) and axis.window.size > 1 for axis in sources[0][1])


def _compare(table: Table, last: Operation, sizes: list[int]) -> str:
    """Say what the shortest way sees, where it is another."""
    tracks = read_shortest(table.trace)[id(last.outputs[0])]
    shortest = [track[1].size for track in tracks if track is not None]
    return f"; {write_each(shortest)} along the shortest way" if shortest != sizes else ""


def _suggest_more(fields: list[Field], extents: tuple[int, ...]) -> str:
    """How many kernels of 3 in a row, at this step, would see the whole input; past some, they are no way out."""
    pairs = zip(fields, extents, strict=True)
    more = max(ceil((extent - field.size) / (2 * field.step)) for field, extent in pairs)
    if more > MOST_LAYERS:
        return "Stride earlier, dilate, or join the places by a global pool and a gate"
    return f"Add {more} layer{'s' if more > 1 else ''} of kernel 3 here, dilate, or stride earlier"


def _joins_places(flow: Flow, last: Operation) -> bool:
    """Whether a later layer tells the places of a map apart: one that reads it flattened."""
    later = (each for each in flow.operations if each.index > last.index and find_weight(each) is not None)
    return any(each.name != "convolution" and find_flatten(each.arguments[-2]) is not None for each in later)


def find_unproductive_layers(table: Table) -> Iterator[Finding]:
    """Convolutions that read only cells which see the whole input already, along the shortest way too.

    Transposed ones, and those between cells that lie nearer than the input's own, are left out: they paint, and look
    for no context.

    Source: Richter et al. 2021, arXiv:2106.12307 (the border layer).
    """
    flow, tracks = Flow(table.trace), read_shortest(table.trace)
    extents = table.trace.inputs[0].shape[2:]
    sliding = [each for each in flow.operations if each.name == "convolution" and _slides(each)]
    looking = [each for each in sliding if not each.get(6, "transposed")]
    idle = [each for each in looking if _covers(_list_shortest(each, tracks), extents)]
    if not idle:
        return
    weights = sum(prod(weight.shape) for each in idle if (weight := find_weight(each)) is not None)
    sizes = [field.size for field in _list_shortest(idle[0], tracks)]
    yield Finding(
        "unproductive-layers",
        idle[0].path,
        "what it reads sees the whole input already, even by the shortest way: it adds no context",
        f"{len(idle)} of {len(looking)} convolutions, with {weights:,} weights; before this one "
        f"{write_each(sizes)} of {write_each(extents)} is seen",
        "Take layers away, stride later, or use a larger input",
    )


def _list_shortest(operation: Operation, tracks: dict[int, tuple[Track, ...]]) -> list[Field]:
    """The narrowest field of what a convolution reads, along each axis; none where an axis is seen as a whole."""
    found = tracks.get(id(operation.get(0, "input")), ())
    fields = [track[1] for track in found if track is not None]
    return fields if len(fields) == len(found) else []


def _covers(fields: list[Field], extents: tuple[int, ...]) -> bool:
    pairs = zip(fields, extents, strict=True) if fields else ()
    return bool(fields) and all(field.size > extent and field.step >= 1 for field, extent in pairs)
