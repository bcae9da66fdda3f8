"""A network made for one input, turned into one that slides over larger inputs: OverFeat's trick."""

from __future__ import annotations

import copy
from math import prod
from typing import Any

from torch import Tensor, fx, nn

from striate.errors import InputError, ShapeError
from striate.nets.convert.axis import Axis
from striate.nets.convert.flow import Flow, write_shape
from striate.nets.convert.rewriting import Rewriting
from striate.nets.convert.rules.catalogue import find_module_rule, write_call
from striate.nets.convert.site import Site
from striate.nets.convert.traced import get_shape, trace_calls


class SlidingWindow(nn.Module):
    """A network that gives, for each place of its window on a larger input, what the original gives for that crop.

    `window` holds the window's extents, `step` how far it moves from one output cell to the next, along each axis: cell
    i stands for the crop that begins at i * step. `exact` says whether each cell equals the original's output for its
    crop; where it is false, `why` names the layers that read past a crop's border.

    Shape:   [N, C, *extents] -> [N, channels, *((extent - window) // step + 1)]; on one window, extents of 1.
    Cost:    that of the network on the whole input: what windows share is computed once.
    Raises:  ShapeError for an input that the window doesn't fit into.
    """

    def __init__(self, network: nn.Module, window: tuple[int, ...], step: tuple[int, ...], why: str = "") -> None:
        super().__init__()
        self.network = network
        self.window, self.step, self.why = window, step, why
        self.exact = not why

    def forward(self, input: Tensor) -> Tensor:
        _require_room(input, self.window)
        output: Tensor = self.network(_keep_whole_windows(input, self.window, self.step))
        return output

    def extra_repr(self) -> str:
        return f"window={self.window}, step={self.step}, exact={self.exact}"


@fx.wrap
def _require_room(input: Tensor, window: tuple[int, ...]) -> None:
    extents = tuple(input.shape[2:])
    if len(extents) != len(window) or any(here < least for here, least in zip(extents, window, strict=True)):
        found, needed = ("x".join(map(str, each)) for each in (input.shape, window))
        raise ShapeError(f"found an input of {found}, needed [N, C, *extents] with extents from {needed}. Enlarge it")


@fx.wrap
def _keep_whole_windows(input: Tensor, window: tuple[int, ...], step: tuple[int, ...]) -> Tensor:
    """Leave out the last cells of the input, where the next window would hang over."""
    sides = zip(input.shape[2:], window, step, strict=True)
    return input[:, :, *(slice(0, extent - (extent - size) % move) for extent, size, move in sides)]


def fully_convolutional(module: nn.Module, input: tuple[int, ...]) -> SlidingWindow:
    """Turn a module into one that slides over larger inputs; what it does is told at `striate.fully_convolutional`."""
    _require_shape(input)
    own = _copy(module)
    graph = trace_calls(own, input, lambda part: find_module_rule(part) is not None)
    _require_one_answer(graph, input, type(module).__name__)
    rewriting = Rewriting(own)
    flow: Flow | None = None
    for node in graph.nodes:
        if node.op == "output":
            flow = _finish(Site(node, rewriting))
        elif node.op == "placeholder":
            rewriting.known[node] = _begin(rewriting, node, input)
        else:
            rewriting.known[node] = _write_node(Site(node, rewriting), node)
    assert flow is not None
    network = fx.GraphModule(own, rewriting.graph, type(module).__name__)
    network.delete_all_unused_submodules()
    for name, part in network.named_modules():  # those that hold others are fx's own
        part.training = rewriting.modules.get(name, part).training
    step = tuple(int(axis.move) for axis in flow.axes)
    sliding = SlidingWindow(network, tuple(input[1:]), step, _explain(flow, rewriting))
    sliding.training = module.training
    return sliding


def _copy(module: nn.Module) -> nn.Module:
    """A copy, which is then changed; of a compiled module that which it was made from."""
    try:
        return copy.deepcopy(getattr(module, "_orig_mod", module))
    except Exception as problem:
        found = f"{type(module).__name__}: can't be copied ({type(problem).__name__}: {problem})"
        raise InputError(f"{found}, needed parameters and plain attributes. Detach the tensors that it keeps") from None


def _begin(rewriting: Rewriting, node: fx.Node, input: tuple[int, ...]) -> Any:
    if rewriting.known:  # an argument beside the input: its default
        return node.meta["value"]
    axes = tuple(Axis(extent) for extent in input[1:])
    return Flow(rewriting.graph.placeholder("input"), input[0], axes, tuple(input))


def _write_node(site: Site, node: fx.Node) -> Any:
    """A value that hangs on the input by its rule; numbers of the module's own as they are; plain values at once."""
    value = node.meta["value"]
    if not _has_tensor(value):
        return value
    if not any(_has_flow(site.settle(each)) for each in node.all_input_nodes):
        return site.copy_call()
    module = site.rewriting.modules[str(node.target)] if node.op == "call_module" else None
    return write_call(site, node, module)


def _require_one_answer(graph: fx.Graph, input: tuple[int, ...], name: str) -> None:
    """A network that gives a map over its input needs no conversion."""
    given = graph.output_node().args[0]
    shape = get_shape(given) if isinstance(given, fx.Node) else ()
    if len(shape) == len(input) and prod(shape[1:]) > 1:
        found = f"{name}: gives a map of {write_shape(shape)} already, needed one answer for the window"
        raise InputError(f"{found}. Use it on larger inputs as it is")


def _finish(site: Site) -> Flow:
    flow = site.settle(site.node.args[0])
    if not isinstance(flow, Flow):
        found = f"{type(site.rewriting.root).__name__}: gives several outputs, or one that doesn't hang on the input"
        raise InputError(f"{found}, needed one row of scores. Call .eval() first, or wrap it to give one")
    single = site.unfold(flow)
    strides = tuple(axis.stride for axis in single.axes)
    axes = tuple(Axis(1, axis.move, axis.move, axis.early, axis.late) for axis in single.axes)
    thin = site.thin(single, strides, axes)
    site.rewriting.graph.output(thin.node)
    return thin


def _explain(flow: Flow, rewriting: Rewriting) -> str:
    """Which layers read past the border, where that reaches the output."""
    if all(axis.is_exact for axis in flow.axes):
        return ""
    names = list(rewriting.borders)
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    read = "reads" if len(names) == 1 else "read"
    return f"{listed} {read} past a crop's border: a crop has padding where the larger input has neighbours"


def _has_tensor(value: Any) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, tuple | list) and any(map(_has_tensor, value)))


def _has_flow(found: Any) -> bool:
    return isinstance(found, Flow) or (isinstance(found, tuple | list) and any(map(_has_flow, found)))


def _require_shape(input: tuple[int, ...]) -> None:
    if len(input) < 2 or not all(isinstance(cells, int) and cells > 0 for cells in input):
        raise InputError(f"found {input!r} as the input, needed channels x extents, such as (3, 224, 224). Give that")
