"""A module as a graph of its calls, wherever torch.fx can follow it; else its parts as graphs of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import torch.fx
from torch import nn
from torch.fx import GraphModule
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from striate.engine.following import Tracer

Rewrite = Callable[[GraphModule], None]
WEIGHTED = (_ConvNd, nn.Linear, _BatchNorm)


class _Tracer(Tracer):
    """Layers with weights are calls, whoever wrote them."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, WEIGHTED) or super().is_leaf_module(m, module_qualified_name)


def trace(module: nn.Module) -> GraphModule | None:
    """The module as a graph that shares its parts; None where its path depends on its input.

    >>> [node.op for node in trace(nn.Sequential(nn.ReLU())).graph.nodes]
    ['placeholder', 'call_module', 'output']
    """
    try:
        graph = _Tracer().trace(module)
        return GraphModule(module, graph)
    except Exception:  # the user's own code meets stand-ins for its tensors
        return None


def rewrite(module: nn.Module, change: Rewrite) -> nn.Module:
    """The module with `change` applied to its graph; where it has none, to those of its parts, in place.

    A sequence whose parts can't be followed is still a sequence: the parts that can stand as leaves of its graph.
    """
    graph = module if isinstance(module, GraphModule) else trace(module)
    if graph is not None:
        change(graph)
        graph.recompile()
        return graph
    for name, child in module.named_children():
        if not isinstance(child, WEIGHTED) and any(True for _ in child.children()):
            setattr(module, name, rewrite(child, change))
    if type(module).forward is nn.Sequential.forward:
        return rewrite_row(module, change)
    return module


def rewrite_row(module: nn.Module, change: Rewrite) -> nn.Module:
    """A sequence as a graph in which every part is one call."""
    graph = torch.fx.Graph()
    value = graph.placeholder("input")
    for name, _ in module.named_children():
        value = graph.call_module(name, (value,))
    graph.output(value)
    row = GraphModule(module, graph)
    change(row)
    row.recompile()
    return row


def find_part(graph: GraphModule, node: object) -> nn.Module | None:
    """The part that a node calls; None for any other node or value."""
    if not isinstance(node, torch.fx.Node) or node.op != "call_module":
        return None
    return graph.get_submodule(str(node.target))


def count_calls(graph: GraphModule) -> Counter[int]:
    """How often each part is called, by its identity."""
    return Counter(id(find_part(graph, node)) for node in graph.graph.nodes if node.op == "call_module")
