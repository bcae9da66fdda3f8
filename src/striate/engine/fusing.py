"""A convolution with what is done to its result in one go: the activation behind it, the sum with another branch.

On a CPU each of those passes over memory costs as much as a good part of the convolution. oneDNN, which torch runs its
convolutions with, takes them along, and takes weights that were laid out for it once instead of at every call.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.fx import GraphModule, Node

from striate.engine.graph import find_part, rewrite

_ACTIVATIONS: dict[Any, str] = {
    nn.ReLU: "relu",
    nn.SiLU: "swish",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.Hardswish: "hardswish",
    F.relu: "relu",
    torch.relu: "relu",
    torch.sigmoid: "sigmoid",
    torch.tanh: "tanh",
}
_APPLY: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda values: values,
    "relu": torch.relu,
    "swish": F.silu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "hardswish": F.hardswish,
}
_NOTHING = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
_SUMS = (torch.add, operator.add, operator.iadd)
_PACKED = 2  # shapes of input that weights are laid out for: a full batch, and a last one that is not


def can_fuse() -> bool:
    """Whether this build of torch has the operations."""
    operations = ("_convolution_pointwise", "_convolution_pointwise_")
    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return available and all(hasattr(torch.ops.mkldnn, name) for name in operations)


def fuse_convolutions(module: nn.Module) -> nn.Module:
    """The module, which is in eval mode on a CPU, with each 2-D convolution fused with what follows; it is changed.

    What torch.fx can't follow stays as it is, and so do convolutions of other axes, and sums where another branch is
    still needed. Weights are laid out for the two input shapes met last, so that what was answered before has no say.

    >>> fused = fuse_convolutions(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()).eval()) if can_fuse() else None
    >>> fused is None or [type(part).__name__ for part in fused.children()] == ["FusedConvolution"]
    True
    """
    return rewrite(module, _fuse_graph)


class FusedConvolution(nn.Module):
    """`activation(convolution(input) + other)`, the sum only where `other` is given, and in its place if it may be."""

    def __init__(self, layer: nn.Conv2d, activation: str = "none", *, overwrites: bool = False) -> None:
        """Take the layer's weights over."""
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.activation, self.overwrites = activation, overwrites
        self.groups = layer.groups
        numbers: Any = (layer.padding, layer.stride, layer.dilation)
        self.padding, self.stride, self.dilation = (list[int](each) for each in numbers)
        self.packed: dict[tuple[int, ...], Tensor] = {}

    def forward(self, input: Tensor, other: Tensor | None = None) -> Tensor:
        """Run it in the weights' type."""
        if torch._C._is_tracing():
            return self._spell(input, other)  # for a compiler that fuses by itself
        values, operations = input.to(self.weight.dtype), cast(Any, torch.ops.mkldnn)
        layer = (self._pack(values), self.bias, self.padding, self.stride, self.dilation, self.groups)
        if other is None:
            return cast(Tensor, operations._convolution_pointwise(values, *layer, self.activation, [], ""))
        then: tuple[Any, ...] = ("add", 1.0, None if self.activation == "none" else self.activation, [], None)
        summand = other.to(self.weight.dtype)
        if summand.shape != self._find_shape(values):  # one of them is spread over the other
            return _APPLY[self.activation](operations._convolution_pointwise(values, *layer, "none", [], "") + summand)
        if self.overwrites:
            return cast(Tensor, operations._convolution_pointwise_.binary(summand, values, *layer, *then))
        return cast(Tensor, operations._convolution_pointwise.binary(values, summand, *layer, *then))

    def extra_repr(self) -> str:
        """What is fused."""
        return f"{tuple(self.weight.shape)}, activation={self.activation}, overwrites={self.overwrites}"

    def _spell(self, input: Tensor, other: Tensor | None) -> Tensor:
        """The same in torch's own operations; a cast that does nothing would still part two chains."""
        dtype, numbers = self.weight.dtype, (self.stride, self.padding, self.dilation, self.groups)
        values = F.conv2d(input if input.dtype == dtype else input.to(dtype), self.weight, self.bias, *numbers)
        if other is not None:
            values = values + (other if other.dtype == dtype else other.to(dtype))
        return _APPLY[self.activation](values)

    def _find_shape(self, input: Tensor) -> tuple[int, ...]:
        """The shape of the convolution's result."""
        extents = [
            (cells + 2 * self.padding[axis] - self.dilation[axis] * (size - 1) - 1) // self.stride[axis] + 1
            for axis, (cells, size) in enumerate(zip(input.shape[2:], self.weight.shape[2:], strict=True))
        ]
        return (len(input), len(self.weight), *extents)

    def _pack(self, input: Tensor) -> Tensor:
        shape = tuple(input.shape)
        if shape not in self.packed:
            if len(self.packed) >= _PACKED:
                del self.packed[next(iter(self.packed))]
            numbers = (self.padding, self.stride, self.dilation, self.groups)
            lay_out: Callable[..., Tensor] = torch._C._nn.mkldnn_reorder_conv2d_weight
            self.packed[shape] = lay_out(self.weight.detach().to_mkldnn(), *numbers, shape)
        return self.packed[shape]


def _fuse_graph(graph: GraphModule) -> None:
    for node in list(graph.graph.nodes):
        if isinstance(find_part(graph, node), _NOTHING):
            _bypass(graph, node, node.args[0])
        elif _only_checks(node):
            graph.graph.erase_node(node)
    for node in list(graph.graph.nodes):
        layer = find_part(graph, node)
        if isinstance(layer, nn.Conv2d) and _is_fusable(layer):
            _fuse(graph, node, layer)
    graph.delete_all_unused_submodules()


def _fuse(graph: GraphModule, node: Node, layer: nn.Conv2d) -> None:
    other, overwrites = _take_sum(graph, node)
    activation = _take_activation(graph, node)
    name = f"fused_{node.name}"  # a layer that is called twice may be fused with different things
    graph.add_submodule(name, FusedConvolution(layer, activation, overwrites=overwrites))
    node.target = name
    if other is not None:
        node.args = (node.args[0], other)


def _take_sum(graph: GraphModule, node: Node) -> tuple[Node | None, bool]:
    """The other branch of the sum that alone takes the node's result, where it is there already, and if it may go.

    It may be written over where all others that take it have had it; a fused convolution's result is nobody else's.
    """
    users = list(node.users)
    if len(users) != 1 or users[0].target not in _SUMS or users[0].op != "call_function" or users[0].kwargs:
        return None, False
    total = users[0]
    others = [each for each in total.args if each is not node]
    if len(others) != 1 or not isinstance(others[0], Node) or len(total.args) != 2:
        return None, False
    other, place = others[0], {each: number for number, each in enumerate(graph.graph.nodes)}
    if place[other] > place[node] or not isinstance(find_part(graph, other), FusedConvolution):
        return None, False
    overwrites = all(each is total or place[each] < place[node] for each in other.users)
    _bypass(graph, total, node)
    return other, overwrites


def _take_activation(graph: GraphModule, node: Node) -> str:
    users = list(node.users)
    if len(users) != 1 or len(users[0].args) != 1:
        return "none"
    part = find_part(graph, users[0])
    kind = type(part) if part is not None else users[0].target
    activation = _ACTIVATIONS.get(kind, "none") if part is not None or users[0].op == "call_function" else "none"
    if activation != "none":
        _bypass(graph, users[0], node)
    return activation


def _bypass(graph: GraphModule, node: Node, source: Any) -> None:
    node.replace_all_uses_with(source)
    graph.graph.erase_node(node)


def _only_checks(node: Node) -> bool:
    """Whether it is a call of Striate's own that looks at shapes, which the module's first answers have passed."""
    own = getattr(node.target, "__module__", "").startswith("striate.")
    return node.op == "call_function" and own and not node.users and "require_" in node.target.__name__  # type: ignore[union-attr]


def _is_fusable(layer: nn.Conv2d) -> bool:
    plain = type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    hooked = bool(layer._forward_hooks or layer._forward_pre_hooks)
    known = layer.weight.dtype in (torch.float32, torch.bfloat16) and layer.weight.device.type == "cpu"
    return plain and known and not hooked
