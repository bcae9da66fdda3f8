"""The kernels of a convolution, whatever its class: for each unit one kernel for every channel that it sees."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd
from torch.nn.parameter import is_lazy

from striate.errors import InputError
from striate.explain.hooks import find_part
from striate.layers import LocalConv, TableConv


@dataclass(frozen=True)
class Bank:
    """`values` are [units, seen, *size], on the processor: the kernel that each unit has for each channel that it sees.

    `sources` [units, seen] says which channels of the layer's input those are: all of them, or its group's. A
    transposed convolution's kernels are what it stamps.
    """

    path: str
    kind: str
    values: Tensor = field(repr=False)
    sources: Tensor = field(repr=False)
    channels: int
    dilation: tuple[int, ...]

    @property
    def size(self) -> tuple[int, ...]:
        """A kernel's cells along each axis."""
        return tuple(self.values.shape[2:])

    @property
    def norms(self) -> Tensor:
        """Each kernel's L2 norm, [units, seen]."""
        return self.values.flatten(2).square().sum(2).sqrt()


def find_banks(module: nn.Module) -> dict[str, Bank]:
    """The kernels of every convolution within a module, by its path ("" is the module itself)."""
    banks = ((path, read_bank(part, path)) for path, part in module.named_modules())
    return {path: bank for path, bank in banks if bank is not None}


def require_bank(module: nn.Module, path: str) -> Bank:
    """The kernels of the convolution at a path. Raises: InputError where there is none."""
    part = find_part(module, path)
    bank = read_bank(part, path)
    if bank is None:
        found = f"a {type(part).__name__}, whose kernels differ from cell to cell" * isinstance(part, LocalConv)
        known = ", ".join(list(filter(None, find_banks(module)))[:12]) or "none: this network has no convolution"
        raise InputError(f"layer {path}: found {found or f'a {type(part).__name__}'}, needed a convolution: {known}")
    return bank


def read_bank(part: nn.Module, path: str = "") -> Bank | None:
    """The kernels of one module; None for what is no convolution with kernels of its own.

    >>> read_bank(nn.Conv2d(4, 6, 3, groups=2)).sources[3].tolist()
    [2, 3]
    """
    if isinstance(part, TableConv):
        return _read_table(part, path)
    if not isinstance(part, _ConvNd) or is_lazy(part.weight) or part.weight.is_complex():
        return None
    weight, groups = part.weight.detach().to("cpu", torch.float64), part.groups
    units, seen = part.out_channels, part.in_channels // groups
    if part.transposed:  # [in, out of a group, *size]
        weight = weight.reshape(groups, seen, -1, *weight.shape[2:]).transpose(1, 2).flatten(0, 1)
    group = torch.arange(units) // (units // groups)
    sources = group[:, None] * seen + torch.arange(seen)
    dilation = tuple(int(step) for step in part.dilation)
    return Bank(path, _name_kind(part), weight, sources, part.in_channels, dilation)


def _name_kind(part: _ConvNd) -> str:
    kind = "transposed convolution" if part.transposed else "convolution"
    if part.groups == 1:
        return kind
    return f"depthwise {kind}" if part.groups == part.in_channels else f"{kind} in {part.groups} groups"


def _read_table(part: TableConv, path: str) -> Bank:
    """Kernels of zeros stand where a unit doesn't see a channel."""
    weight = part.weight.detach().to("cpu", torch.float64)
    values = torch.zeros(part.out_channels, part.in_channels, *part.kernel_size, dtype=torch.float64)
    start = 0
    for unit in range(part.out_channels):
        row = part.table[unit // part.maps]
        values[unit, list(row)] = weight[start : start + len(row)]
        start += len(row)
    sources = torch.arange(part.in_channels).expand(part.out_channels, -1)
    return Bank(path, "convolution by a table", values, sources, part.in_channels, tuple(part.dilation))
