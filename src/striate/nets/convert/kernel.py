"""What a convolution or a pool says of itself: its windows, axis by axis, and its kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from striate.arithmetic import Pair, Window, compute_span
from striate.layers.table import TableConv


def read_windows(module: Any, axes: int | None = None) -> tuple[Window, ...]:
    """One window for each axis, from torch's attributes or from ours (`pads`, `crops`); `axes` where one number serves.

    >>> read_windows(nn.Conv1d(1, 1, 3, stride=2, padding=1))
    (Window(size=3, stride=2, dilation=1, before=1, transposed=False, after=1, ceil=False),)
    """
    axes = len(module.kernel_size) if axes is None else axes
    size, stride, dilation = (_spread(getattr(module, name, 1), axes) for name in ("kernel_size", "stride", "dilation"))
    transposed, ceil = getattr(module, "transposed", False), bool(getattr(module, "ceil_mode", False))
    return tuple(
        Window(cells, step, spacing, before, transposed, after, ceil)
        for cells, step, spacing, (before, after) in zip(size, stride, dilation, _read_pads(module, axes), strict=True)
    )


def _read_pads(module: Any, axes: int) -> list[Pair]:
    """The cells padded, or cut, before and after each axis."""
    for name in ("pads", "crops"):
        if hasattr(module, name):
            return [(before, after) for before, after in getattr(module, name)]
    padding = getattr(module, "padding", 0)
    if padding == "same":
        spans = map(compute_span, _spread(module.kernel_size, axes), _spread(module.dilation, axes))
        return [((span - 1) // 2, span // 2) for span in spans]
    cells = _spread(0 if padding == "valid" else padding, axes)
    added = _spread(getattr(module, "output_padding", 0), axes)
    return [(before, before - more) for before, more in zip(cells, added, strict=True)]


def _spread(numbers: int | Sequence[int], axes: int) -> tuple[int, ...]:
    return (numbers,) * axes if isinstance(numbers, int) else tuple(numbers) * (axes if len(numbers) == 1 else 1)


def read_kernel(conv: nn.Module) -> tuple[Tensor, Tensor, Tensor]:
    """Which channels a convolution joins: for each joint the channel read, the channel written, and its taps.

    Shape:  [joints], [joints], [joints, *kernel_size]. Of a transposed convolution the channel that is read
            is that of its output.
    """
    weight: Tensor = conv.weight.detach()  # type: ignore[operator]
    if isinstance(conv, TableConv):
        return _join_table(conv, weight)
    groups = int(conv.groups)  # type: ignore[arg-type]
    written, read = torch.meshgrid(*(torch.arange(count) for count in weight.shape[:2]), indexing="ij")
    group = written // (weight.shape[0] // groups)
    return (group * weight.shape[1] + read).flatten(), written.flatten(), weight.flatten(0, 1)


def _join_table(conv: TableConv, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    joints = [
        (channel, row * conv.maps + each)
        for row, channels in enumerate(conv.table)
        for each in range(conv.maps)
        for channel in channels
    ]
    read, written = torch.tensor(joints).unbind(1)
    return read, written, weight
