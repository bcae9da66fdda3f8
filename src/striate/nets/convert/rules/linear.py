"""Fully connected layers, which become convolutions: the first as wide as the map it was flattened from, then 1x1."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.arithmetic import Window
from striate.layers import make_convolution
from striate.nets.convert.flow import Flow
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site, is_constant


def connect(site: Site, module: nn.Linear) -> Flow:
    """A linear layer: its weights, in the shape of the map, are the convolution's."""
    flow = _take_flat(site)
    strides = tuple(axis.stride for axis in flow.axes)

    def make() -> nn.Module:
        with torch.device("meta"):
            conv = make_convolution(
                len(flow.axes), flow.channels, module.out_features, flow.cells, strides, bias=module.bias is not None
            )
        conv.weight = _reshape(module.weight, (module.out_features, flow.channels, *flow.cells))
        if module.bias is not None:
            conv.bias = module.bias
        return conv

    node = site.insert(flow, make, (flow.cells, strides))
    return _finish(site, flow, node, module.out_features)


def connect_call(site: Site) -> Flow:
    """`F.linear`, with weights of the module's own."""
    flow, weight, bias = _take_flat(site), site.get(1, "weight"), site.get(2, "bias")
    if not is_constant(weight) or len(flow.axes) > 3:
        site.refuse("has weights that hang on the input, or more axes than torch's functions take")
    graph, out_channels = site.rewriting.graph, weight.meta["value"].shape[0]
    kernel = graph.call_function(torch.reshape, (weight, (out_channels, flow.channels, *flow.cells)))
    convolution = (F.conv1d, F.conv2d, F.conv3d)[len(flow.axes) - 1]
    strides = tuple(axis.stride for axis in flow.axes)
    return _finish(site, flow, graph.call_function(convolution, (flow.node, kernel, bias, strides)), out_channels)


def _take_flat(site: Site) -> Flow:
    flow = site.take()
    if not flow.is_flat:
        site.refuse("works along the last axis of a map", "Flatten the map before it")
    return flow


def _finish(site: Site, flow: Flow, node: Any, channels: int) -> Flow:
    axes = site.slide(flow, [Window(axis.cells) for axis in flow.axes])
    return Flow(node, channels, axes, site.shape)


def _reshape(weight: Tensor, shape: tuple[int, ...]) -> nn.Parameter:
    return nn.Parameter(weight.detach().reshape(shape), requires_grad=weight.requires_grad)


MODULES: dict[type[nn.Module], ModuleRule] = {nn.Linear: connect}
FUNCTIONS: dict[Any, CallRule] = {F.linear: connect_call}
METHODS: dict[str, CallRule] = {}
