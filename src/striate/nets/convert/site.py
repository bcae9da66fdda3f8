"""One call of the old graph: what it is given, and how it can be written into the new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, NoReturn

from torch import Tensor, fx, nn

from striate.arithmetic import Window
from striate.errors import InputError, ShapeError
from striate.nets.convert.axis import Axis, meet, slide
from striate.nets.convert.flow import Flow, write_shape
from striate.nets.convert.rewriting import Rewriting
from striate.nets.convert.spread import Every, Spread
from striate.nets.convert.traced import WAY_OUT, get_shape, name_call


@dataclass(frozen=True)
class Site:
    """One call of the old graph, to be written into the new one."""

    node: fx.Node
    rewriting: Rewriting

    @property
    def shape(self) -> tuple[int, ...]:
        """What the call gives in the original, without the batch."""
        return get_shape(self.node)

    def get(self, place: int, name: str, default: Any = None) -> Any:
        """An argument: a Flow, a node that doesn't hang on the input, or a plain value."""
        args, kwargs = self.node.args, self.node.kwargs
        return self.settle(args[place] if place < len(args) else kwargs.get(name, default))

    def settle(self, argument: Any) -> Any:
        """Put what nodes have become in their place, however deep."""
        if isinstance(argument, fx.Node):
            return self.rewriting.known[argument]
        if isinstance(argument, list | tuple):
            return type(argument)([self.settle(part) for part in argument])
        if isinstance(argument, dict):
            return {key: self.settle(part) for key, part in argument.items()}
        return argument

    def take(self, place: int = 0, name: str = "input") -> Flow:
        """An argument that must hang on the input."""
        found = self.get(place, name)
        return found if isinstance(found, Flow) else self.refuse("works on what doesn't hang on the input")

    def take_map(self, place: int = 0, name: str = "input") -> Flow:
        """An argument that must have channels and extents."""
        flow = self.take(place, name)
        if not flow.is_map:
            self.refuse(
                f"found {write_shape(flow.shape)} where the map has {write_shape((flow.channels, *flow.cells))}"
            )
        return flow

    def refuse(self, found: str, way_out: str = WAY_OUT) -> NoReturn:
        """Say that this call can't slide."""
        raise InputError(f"{name_call(self.node)}: {found}, needed a layer that is the same in every window. {way_out}")

    def keep(self, flow: Flow, axes: tuple[Axis, ...] | None = None, channels: int | None = None) -> Flow:
        """The call as it is, with what its arguments have become."""
        node = self.copy_call()
        made = flow.channels if channels is None else channels
        return Flow(node, made, flow.axes if axes is None else axes, self.shape)

    def copy_call(self) -> fx.Node:
        """The call's node in the new graph."""
        args, kwargs = (_reduce(self.settle(part)) for part in (self.node.args, self.node.kwargs))
        target = self.node.target
        if self.node.op == "call_module":
            target = self.rewriting.place(str(target), None, lambda: self.rewriting.modules[str(target)])
        node = self.rewriting.graph.create_node(self.node.op, target, args, kwargs, self.node.name)
        node.meta["value"] = self.node.meta["value"]
        return node

    def insert(self, flow: Flow, make: Callable[[], nn.Module], key: Any, path: str | None = None) -> fx.Node:
        """A call of a new module; at the place of the old one, or `path`."""
        own = str(self.node.target) if self.node.op == "call_module" else self.node.name
        return self.rewriting.graph.call_module(self.rewriting.place(path or own, key, make), (flow.node,))

    def check_axes(self, flow: Flow, axes: int) -> None:
        """Refuse a layer for other axes than the map has."""
        if axes != len(flow.axes):
            self.refuse(f"is made for {axes} axes, the map has {len(flow.axes)}")

    def slide(self, flow: Flow, windows: Sequence[Window]) -> tuple[Axis, ...]:
        """The axes behind windows; where one reads past the border of what it is given, that is noted."""
        self.check_axes(flow, len(windows))
        try:
            axes = tuple(slide(axis, window) for axis, window in zip(flow.axes, windows, strict=True))
            clean = (slide(Axis(axis.cells), window) for axis, window in zip(flow.axes, windows, strict=True))
        except ShapeError as problem:
            self.refuse(str(problem).rstrip("."))
        if not all(axis.is_exact for axis in clean):
            self.note_border()
        return axes

    def note_border(self) -> None:
        """Note that this layer reads past the border."""
        path = str(self.node.target) if self.node.op == "call_module" else name_call(self.node)
        self.rewriting.borders[path] = None

    def unfold(self, flow: Flow) -> Flow:
        """One row of features over the windows: what was flattened, laid into the channels."""
        if flow.is_single:
            return flow
        strides = tuple(axis.stride for axis in flow.axes)
        node = self.insert(flow, lambda: Spread(flow.cells, strides), (flow.cells, strides), f"{self.node.name}_spread")
        axes = self.slide(flow, [Window(axis.cells) for axis in flow.axes])
        return Flow(node, flow.channels * prod(flow.cells), axes, flow.shape)

    def thin(self, flow: Flow, strides: tuple[int, ...], axes: tuple[Axis, ...]) -> Flow:
        """Every so many cells alone."""
        if all(stride == 1 for stride in strides):
            return replace(flow, axes=axes)
        node = self.insert(flow, lambda: Every(strides), strides, f"{self.node.name}_every")
        return replace(flow, node=node, axes=axes)

    def meet(self, one: Flow, other: Flow) -> tuple[Flow, Flow]:
        """Bring two values into one grid."""
        try:
            met = [meet(left, right) for left, right in zip(one.axes, other.axes, strict=True)]
        except ShapeError as problem:
            self.refuse(f"{problem}, which stand otherwise to each other in each window", WAY_OUT)
        axes = tuple(axis for axis, _, _ in met)
        left, right = (tuple(strides) for strides in zip(*((left, right) for _, left, right in met), strict=True))
        return self.thin(one, left, axes), self.thin(other, right, axes)


def is_constant(found: Any) -> bool:
    """Whether an argument is a tensor of the module's own: a parameter, a buffer, or made of them."""
    return isinstance(found, fx.Node) and isinstance(found.meta.get("value"), Tensor)


def _reduce(argument: Any) -> Any:
    """What the new graph takes: a flow's node; torch's sizes as tuples."""
    if isinstance(argument, Flow):
        return argument.node
    if isinstance(argument, list | tuple):
        parts = [_reduce(part) for part in argument]
        return parts if isinstance(argument, list) else tuple(parts)
    return {key: _reduce(part) for key, part in argument.items()} if isinstance(argument, dict) else argument
