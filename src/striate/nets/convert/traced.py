"""A module as a graph of calls (torch.fx), each with the shape that it gives for one input."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from striate.engine.following import Tracer
from striate.errors import InputError
from striate.measure.standin import keep_quiet, stand_in

BATCH = 2
WAY_OUT = "Run the crops one by one, or convert the part that can be"


class _Tracer(Tracer):
    def __init__(self, is_leaf: Callable[[nn.Module], bool]) -> None:
        super().__init__()
        self.is_known = is_leaf

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return self.is_known(m) or super().is_leaf_module(m, module_qualified_name)


class _Shapes(fx.Interpreter):
    """Runs the graph on stand-ins without memory, and notes at each node what it gives."""

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        n.meta["value"] = value
        return value


def trace_calls(module: nn.Module, input: tuple[int, ...], is_leaf: Callable[[nn.Module], bool]) -> fx.Graph:
    """Trace a module; the calls of modules that `is_leaf` knows, and of torch's own, stay whole.

    Each node's `meta["value"]` is what it gives for a batch of two: a tensor without memory, or a plain value.

    Raises:  InputError where fx can't follow the module's Python, or the module can't take the input.
    """
    name = type(module).__name__
    tracer = _Tracer(is_leaf)
    try:
        graph = tracer.trace(module, concrete_args=_list_defaults(module))
    except Exception as problem:
        found = f"{name}: torch.fx can't trace it ({_first_line(problem)})"
        raise InputError(f"{found}, needed calls that depend on no value or extent of the input. {WAY_OUT}") from None
    _note_values(module, graph, input)
    return graph


def _note_values(module: nn.Module, graph: fx.Graph, input: tuple[int, ...]) -> None:
    """Run the graph on stand-ins, which leaves statistics and random states alone."""
    example = next((tensor for tensor in module.parameters() if tensor.is_floating_point()), torch.empty(0))
    with ExitStack() as stack:
        stack.enter_context(keep_quiet())
        stack.enter_context(torch.random.fork_rng(devices=[]))
        stack.enter_context(torch.no_grad())
        stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        stack.enter_context(stand_in(module, lambda _, part: part.forward))
        device = "cpu" if example.device.type == "meta" else example.device
        given = torch.empty(BATCH, *input, dtype=example.dtype, device=device)
        try:
            _Shapes(fx.GraphModule(module, graph)).run(given)
        except Exception as problem:
            shape = "x".join(map(str, input))
            found = f"{type(module).__name__}: can't take an input of {shape} ({_first_line(problem)})"
            raise InputError(f"{found}. Give the channels and extents that it was made for") from None


def name_call(node: fx.Node) -> str:
    """The place of a call: the path of the module that makes it, and the module's kind or the call's own name."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path, kind = stack[-1] if stack else ("", None)
    kind = kind if isinstance(kind, type) else type(kind)
    if node.op == "call_module":
        return f"{node.target} ({kind.__name__})"
    call = getattr(node.target, "__name__", str(node.target))
    return f"{path} ({call})" if path else str(call)


def get_shape(node: fx.Node) -> tuple[int, ...]:
    """The shape that a node gives, without the batch."""
    value = node.meta["value"]
    return tuple(value.shape[1:]) if isinstance(value, Tensor) else ()


def _list_defaults(module: nn.Module) -> dict[str, Any]:
    """Arguments beside the input keep their defaults."""
    parameters = list(inspect.signature(module.forward).parameters.values())[1:]
    return {each.name: each.default for each in parameters if each.default is not each.empty}


def _first_line(problem: Exception) -> str:
    lines = str(problem).strip().splitlines()
    return f"{type(problem).__name__}: {lines[0].strip().rstrip('.')}" if lines else type(problem).__name__
