"""Units at one moment of a training: the same kernels and maps at every moment, so that moments can be compared.

What is strongest changes from moment to moment; so of many units the first ones are taken, of many channels likewise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import torch
from torch import Tensor, nn

from striate.explain.convolving.banks import Bank, find_banks
from striate.explain.hooks import record
from striate.explain.units.kernels import find_order
from striate.explain.units.maps import choose_layers, list_leaves
from striate.explain.untouched import untouched

MOST_UNITS, MOST_SEEN, MOST_LAYERS = 16, 8, 20
MOST_CELLS = 64  # along each axis of a map; of a curve, a series or a sound, eight times as many


@dataclass(frozen=True)
class UnitKernels:
    """Kernels of one layer: `values` [units, seen, *size], the first of its `count` units and of their `channels`.

    The three channels of the layer that sees a picture are its colours (`coloured`).
    """

    path: str
    kind: str
    values: Tensor = field(repr=False)
    count: int
    channels: int
    coloured: bool = False


@dataclass(frozen=True)
class UnitMaps:
    """Maps of one layer: `values` [units, *extents], the first of its `count` channels, for one input.

    Of a large map each cell is the mean of `shrunk` cells along each axis.
    """

    path: str
    kind: str
    values: Tensor = field(repr=False)
    count: int
    shrunk: tuple[int, ...]


def view_unit_kernels(module: nn.Module, shape: tuple[int, ...]) -> tuple[UnitKernels, ...]:
    """The kernels of the convolutions in the order of their use; of a network without any, its first layer's weights.

    `shape` is an input's, channels x extents.

    >>> torch.manual_seed(0) is not None
    True
    >>> found = view_unit_kernels(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 20, 3)), (1, 8, 8))
    >>> [(each.path, tuple(each.values.shape), each.count) for each in found]
    [('0', (4, 1, 3, 3), 4), ('1', (16, 4, 3, 3), 20)]
    """
    banks = find_banks(module)
    if not banks:
        return _view_rows(module, shape)
    order = find_order(module, shape, list(banks))[:MOST_LAYERS]
    is_picture = len(shape) == 3 and shape[0] == 3
    return tuple(_take(banks[path], coloured=is_picture and at == 0) for at, path in enumerate(order))


def _take(bank: Bank, *, coloured: bool) -> UnitKernels:
    count, channels = len(bank.values), bank.sources.shape[1]
    values = bank.values[:MOST_UNITS, :MOST_SEEN].float()
    return UnitKernels(bank.path, bank.kind, values, count, channels, coloured and channels == 3)


def _view_rows(module: nn.Module, shape: tuple[int, ...]) -> tuple[UnitKernels, ...]:
    """The weights of the first fully connected layer that sees the whole input, each unit's laid out as the input."""
    for path, part in module.named_modules():
        if isinstance(part, nn.Linear) and part.in_features == prod(shape):
            rows = part.weight.detach().cpu().float()[:MOST_UNITS].reshape(-1, *shape)[:, :MOST_SEEN]
            coloured = len(shape) == 3 and shape[0] == 3
            return (UnitKernels(path, "fully connected", rows.clone(), part.out_features, shape[0], coloured),)
    return ()


def view_unit_maps(module: nn.Module, inputs: Tensor) -> tuple[UnitMaps, ...]:
    """What each layer with cells makes of one input, [1, channels, *extents] as the network takes it.

    Cost:    one pass, and a copy of what each layer puts out.

    >>> maps = view_unit_maps(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU()), torch.ones(1, 1, 200, 8))
    >>> [(each.kind, tuple(each.values.shape), each.shrunk) for each in maps]
    [('Conv2d', (4, 50, 6), (4, 1)), ('ReLU', (4, 50, 6), (4, 1))]
    """
    with untouched(module):
        outputs = record(module, inputs, list_leaves(module))
    shaped = {path: output for path, output in outputs.items() if _has_cells(output)}
    chosen = choose_layers(module, shaped)[0] if shaped else []
    return tuple(_view_layer(module, path, shaped[path][0]) for path in chosen)


def _has_cells(output: Tensor) -> bool:
    return output.ndim > 2 and len(output) == 1 and prod(output.shape[2:]) > 1 and output.is_floating_point()


def _view_layer(module: nn.Module, path: str, output: Tensor) -> UnitMaps:
    values, shrunk = shrink(output[:MOST_UNITS].cpu().float())
    return UnitMaps(path, type(module.get_submodule(path)).__name__, values, len(output), shrunk)


def shrink(values: Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """Arrays [count, *extents] with at most 64 cells along an axis (512 of one axis alone): means, and of how many.

    >>> shrink(torch.arange(1024.0)[None])[0][0, :3], shrink(torch.ones(1, 8, 8))[1]
    (tensor([0.5000, 2.5000, 4.5000]), (1, 1))
    """
    most = MOST_CELLS * (8 if values.ndim == 2 else 1)
    factors = tuple(-(-extent // most) for extent in values.shape[1:])
    for axis, factor in enumerate(factors, 1):
        if factor > 1:
            values = _average(values, axis, factor)
    return values, factors


def _average(values: Tensor, axis: int, factor: int) -> Tensor:
    """Means of `factor` neighbours along an axis; the last ones may be fewer."""
    parts: Sequence[Tensor] = torch.split(values, factor, axis)
    return torch.cat([part.mean(axis, keepdim=True) for part in parts], axis)
