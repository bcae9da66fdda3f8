"""Values that meet: sums, products, concatenated channels; with each other or with numbers of the module's own."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import torch
from torch import fx, nn

from striate.nets.convert.flow import Flow
from striate.nets.convert.rules.elementwise import keep_call
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site, is_constant

ELSEWHERE = "Leave out what brings the whole window to each cell (squeeze and excitation), or run the crops one by one"


def combine(site: Site) -> Flow:
    """Two values cell by cell."""
    one, other = site.get(0, "input"), site.get(1, "other")
    if isinstance(one, Flow) and isinstance(other, Flow):
        return _combine_flows(site, one, other)
    constant = other if isinstance(one, Flow) else one
    if not is_constant(constant) or not constant.meta["value"].shape:
        return keep_call(site) if isinstance(one, Flow) else site.keep(other)
    return _combine_constant(site, one, other)


def _combine_flows(site: Site, one: Flow, other: Flow) -> Flow:
    if one.is_map != other.is_map and not (one.is_flat and other.is_flat):
        site.refuse("brings a map and flat features together", "Give both the same axes")
    if not one.is_map and (one.channels, one.cells) != (other.channels, other.cells):
        one, other = site.unfold(one), site.unfold(other)
    if one.cells != other.cells:
        shapes = " and ".join("x".join(map(str, flow.shape)) for flow in (one, other))
        site.refuse(f"brings {shapes} together: each cell meets what belongs to a whole window", ELSEWHERE)
    left, right = site.meet(one, other)
    return _write(site, (left.node, right.node), left, max(one.channels, other.channels))


def _combine_constant(site: Site, one: Any, other: Any) -> Flow:
    """A tensor of the module's own, with one number for each channel."""
    flow, constant = (one, other) if isinstance(one, Flow) else (other, one)
    shape = tuple(constant.meta["value"].shape)
    graph, axes = site.rewriting.graph, len(flow.axes)
    if flow.is_map:
        if prod(shape[-axes:]) != 1 or len(shape) > axes + 2 or prod(shape[: -1 - axes]) != 1:
            site.refuse(f"has numbers of {'x'.join(map(str, shape))}, one for each place", ELSEWHERE)
    elif flow.is_flat and prod(shape[:-1]) == 1:
        flow = site.unfold(flow)
        constant = graph.call_function(torch.reshape, (constant, (1, shape[-1], *[1] * axes)))
    else:
        site.refuse("has numbers for other axes than the features'")
    nodes = (flow.node, constant) if isinstance(one, Flow) else (constant, flow.node)
    return _write(site, nodes, flow, site.shape[0])


def _write(site: Site, nodes: tuple[fx.Node, fx.Node], flow: Flow, channels: int) -> Flow:
    kwargs = {key: site.settle(value) for key, value in site.node.kwargs.items() if key not in ("input", "other")}
    node = site.rewriting.graph.create_node(site.node.op, site.node.target, nodes, kwargs, site.node.name)
    return Flow(node, channels, flow.axes, site.shape)


def concatenate(site: Site) -> Flow:
    """Channels behind channels, or features behind features."""
    flows, dim = site.get(0, "tensors"), site.get(1, "dim", 0)
    if not all(isinstance(flow, Flow) for flow in flows) or dim % (1 + len(site.shape)) != 1:
        site.refuse("joins other axes than the channels, or what doesn't hang on the input")
    if not all(flow.is_map for flow in flows):
        if not all(flow.is_flat for flow in flows):
            site.refuse("brings maps and flat features together", "Give all the same axes")
        flows = [site.unfold(flow) for flow in flows]
    met = flows[0]
    for flow in flows[1:]:
        met, _ = site.meet(met, flow)
    parts = [site.meet(flow, met)[0] for flow in flows]
    node = site.rewriting.graph.call_function(torch.cat, ([part.node for part in parts], 1))
    return Flow(node, sum(part.channels for part in parts), met.axes, site.shape)


NAMES = "add sub mul div true_divide subtract multiply divide maximum minimum pow"
OPERATORS = "add sub mul truediv iadd isub imul itruediv pow neg"
MODULES: dict[type[nn.Module], ModuleRule] = {}
FUNCTIONS: dict[Any, CallRule] = {
    **{getattr(torch, name): combine for name in NAMES.split()},
    **{getattr(operator, name): combine for name in OPERATORS.split()},
    **dict.fromkeys((torch.cat, torch.concat, torch.concatenate), concatenate),
}
METHODS: dict[str, CallRule] = {name + end: combine for name in [*NAMES.split()] for end in ("", "_")}
