"""Batch norm folded into the convolution before it: in eval mode both are linear, so one of them will do."""

from __future__ import annotations

import copy
from collections import Counter
from functools import partial

import torch
from torch import Tensor, nn
from torch.fx import GraphModule, Node
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils.parametrize import is_parametrized

from striate.engine.graph import count_calls, find_part, rewrite

_PLAIN = (
    *(nn.Conv1d, nn.Conv2d, nn.Conv3d),
    *(nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
    nn.Linear,
)


def fold_norms(module: nn.Module) -> nn.Module:
    """A copy in eval mode in which each batch norm right behind a convolution or linear layer is part of that layer.

    It holds for convolutions, transposed ones and linear layers on rows, of torch and of Striate, wherever their result
    goes to the norm alone and torch.fx can follow the module, or a part of it; everything else stays as it is. A module
    on the meta device keeps its norms.

    Source: Jacob et al. 2017, arXiv:1712.05877, sec. 3.2: w' = w * gamma / sqrt(var + eps), and the bias alike.

    >>> folded = fold_norms(nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU()))
    >>> [type(part).__name__ for part in folded.children()]
    ['Conv2d', 'ReLU']
    """
    copied = copy.deepcopy(module).eval()
    if not any(isinstance(part, _BatchNorm) for part in copied.modules()):
        return copied
    names = Counter(id(part) for _, part in copied.named_modules(remove_duplicate=False))
    return rewrite(copied, partial(_fold_graph, names=names))


def _fold_graph(graph: GraphModule, names: Counter[int]) -> None:
    calls = count_calls(graph) + (names - Counter(names.keys()))  # what has several names may be called by any of them
    for node in list(graph.graph.nodes):
        norm, before = find_part(graph, node), node.args[0] if node.args else None
        layer = find_part(graph, before)
        if not isinstance(norm, _BatchNorm) or layer is None or not isinstance(before, Node):
            continue
        once = calls[id(norm)] == calls[id(layer)] == 1 and list(before.users) == [node]
        if once and _is_foldable(layer, norm):
            fold_norm(layer, norm)
            node.replace_all_uses_with(before)
            graph.graph.erase_node(node)
            graph.delete_submodule(str(node.target))


def _is_foldable(layer: nn.Module, norm: _BatchNorm) -> bool:
    """Whether they are what they seem to be, and the norm's figures are fixed."""
    own = type(layer).__module__.startswith("striate.layers.") and isinstance(layer, _ConvNd)
    plain = type(layer) in _PLAIN or own
    hooked = any(part._forward_hooks or part._forward_pre_hooks for part in (layer, norm))
    if not plain or hooked or is_parametrized(layer) or norm.running_var is None or norm.running_mean is None:
        return False
    weight = layer.get_parameter("weight")
    outputs = len(weight) if isinstance(layer, nn.Linear) else int(getattr(layer, "out_channels", 0))
    # A linear layer yields the norm's channels last, a convolution second: on rows that is the same.
    rows = not isinstance(layer, nn.Linear) or isinstance(norm, nn.BatchNorm1d)
    return rows and outputs == norm.num_features and not weight.is_meta and weight.is_floating_point()


def fold_norm(layer: nn.Module, norm: _BatchNorm) -> None:
    """Give `layer` new weights with which it yields what `norm` made of its result; tied weights elsewhere stay.

    Cost: none afterwards; exact to rounding (the products are taken in double precision).
    """
    weight = layer.get_parameter("weight")
    mean, var = norm.running_mean, norm.running_var
    assert mean is not None
    assert var is not None
    scale = (var.double() + norm.eps).rsqrt()
    if norm.weight is not None:
        scale = scale * norm.weight.detach().double()
    bias = torch.zeros_like(mean) if layer.bias is None else layer.bias
    assert isinstance(bias, Tensor)
    shifted = (bias.detach().double() - mean.double()) * scale
    if norm.bias is not None:
        shifted = shifted + norm.bias.detach().double()
    layer.weight = nn.Parameter(_scale(layer, weight.detach(), scale), requires_grad=weight.requires_grad)
    layer.bias = nn.Parameter(shifted.to(weight.dtype), requires_grad=weight.requires_grad)


def _scale(layer: nn.Module, weight: Tensor, scale: Tensor) -> Tensor:
    """Each output channel's weights times its scale; a transposed layer's are [in, out/groups, *size]."""
    rest = [1] * (weight.ndim - 2)
    if getattr(layer, "transposed", False):
        groups = int(getattr(layer, "groups", 1))
        grouped = weight.double().reshape(groups, -1, *weight.shape[1:]) * scale.view(groups, 1, -1, *rest)
        return grouped.flatten(0, 1).to(weight.dtype)
    return (weight.double() * scale.view(-1, 1, *rest)).to(weight.dtype)
