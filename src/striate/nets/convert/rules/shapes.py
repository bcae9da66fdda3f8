"""Flattening and the like: on the larger input the map stays a map; only what the original makes of it is noted."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import nn

from striate.nets.convert.flow import Flow, write_shape
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site
from striate.nets.convert.traced import BATCH


def reshape(site: Site, module: Any = None) -> Flow:
    """A map flattened, wholly or behind the channels; or axes of one cell that come and go."""
    flow, shape = site.take(), site.shape
    if site.node.meta["value"].shape[0] != BATCH or not (flow.spells(flow.shape) and flow.spells(shape)):
        site.refuse(f"makes {write_shape(shape)} of {write_shape(flow.shape)}, which isn't known here")
    return Flow(flow.node, flow.channels, flow.axes, shape)


def pick(site: Site) -> Any:
    """`x[:, :8]`: some channels; `x[:, :, 0, 0]`: the one cell; or one of a tuple."""
    found, index = site.get(0, "input"), site.get(1, "index")
    if isinstance(found, tuple | list | dict) and not isinstance(found, Flow):
        return found[index]
    flow = site.take()
    parts = _spell_out(index if isinstance(index, tuple) else (index,), 1 + len(flow.shape))
    if parts is None or parts[0] != slice(None) or not all(_keeps(*pair) for pair in zip(parts[2:], flow.shape[1:])):  # noqa: B905
        site.refuse("picks cells by their place")
    if parts[1] == slice(None):
        return Flow(flow.node, flow.channels, flow.axes, site.shape)
    if not isinstance(parts[1], slice) or not (flow.is_map or (flow.is_flat and flow.is_single)):
        site.refuse("picks one channel, or features of a flattened map", "Pick a slice of channels, such as x[:, :1]")
    node = site.rewriting.graph.call_function(operator.getitem, (flow.node, (slice(None), parts[1])))
    return Flow(node, len(range(*parts[1].indices(flow.channels))), flow.axes, site.shape)


def _spell_out(index: tuple[Any, ...], axes: int) -> list[Any] | None:
    """One part for each axis; None where there is another kind of index."""
    parts = list(index)
    if not all(isinstance(part, slice | int) or part is Ellipsis for part in parts):
        return None
    if Ellipsis in parts:
        place = parts.index(Ellipsis)
        parts[place : place + 1] = [slice(None)] * (axes - len(parts) + 1)
    return parts + [slice(None)] * (axes - len(parts))


def _keeps(part: Any, cells: int) -> bool:
    """Whether a part of an index takes all that there is of an axis."""
    return part == slice(None) or (isinstance(part, int) and cells == 1)


def split(site: Site) -> Any:
    """The channels in several parts."""
    flow, dim = site.take_map(), site.get(2, "dim", 0)
    if dim % (1 + len(flow.shape)) != 1:
        site.refuse("splits an axis of the map", "Split the channels, dim=1")
    whole = site.copy_call()
    values = site.node.meta["value"]
    nodes = [site.rewriting.graph.call_function(operator.getitem, (whole, place)) for place in range(len(values))]
    shapes = [tuple(value.shape[1:]) for value in values]
    return tuple(Flow(node, shape[0], flow.axes, shape) for node, shape in zip(nodes, shapes, strict=True))


VIEWS = "flatten reshape squeeze unsqueeze unflatten"
MODULES: dict[type[nn.Module], ModuleRule] = {nn.Flatten: reshape, nn.Unflatten: reshape}
FUNCTIONS: dict[Any, CallRule] = {
    **{getattr(torch, name): reshape for name in VIEWS.split()},
    **dict.fromkeys((torch.chunk, torch.split), split),
    operator.getitem: pick,
}
METHODS: dict[str, CallRule] = {
    **dict.fromkeys([*VIEWS.split(), "view"], reshape),
    "chunk": split,
    "split": split,
}
