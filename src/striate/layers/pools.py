"""Pools with a padding of their own before and after each axis, which torch's layers can't express."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from striate.arithmetic import Pair, compute_span, pool_extent, require_padding
from striate.errors import InputError, ShapeError
from striate.layers.axes import MOST_BY_TORCH, Numbers, flatten_pairs, require_axes, spread_numbers, spread_pairs
from striate.layers.separable import Separable


class _PaddedPool(nn.Module):
    """What the padded pools share; `pads` are the cells (before, after) of each axis, in axes' order."""

    fill: ClassVar[float]
    pads: tuple[Pair, ...]
    kernel_size: Any
    stride: Any
    ceil_mode: bool

    def __init__(self, kernel_size: Numbers, stride: Numbers | None = None, *, pads: Sequence[Pair], **options: Any):
        numbers = {"kernel_size": kernel_size, "stride": kernel_size if stride is None else stride}
        size, step = spread_numbers(len(pads), **numbers)
        super().__init__(size, step, **options)
        self.pads = spread_pairs(len(pads), pads, "pads")

    def forward(self, input: Tensor) -> Tensor:
        padded = F.pad(input, flatten_pairs(self.pads), value=self.fill)
        output: Tensor = super().forward(padded)
        if not self.ceil_mode:
            return output
        (dilation,) = spread_numbers(len(self.pads), dilation=getattr(self, "dilation", 1))
        return _drop_late_windows(
            input, output, [*zip(self.kernel_size, self.stride, dilation, self.pads, strict=True)]
        )

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, pads={self.pads}"


@fx.wrap
def _drop_late_windows(input: Tensor, output: Tensor, windows: list[tuple[int, int, int, Pair]]) -> Tensor:
    """Drop what torch can't know to drop: a last window that starts in the padding after the axis."""
    for axis, window in enumerate(windows, start=-len(windows)):
        output = output.narrow(axis, 0, pool_extent(input.shape[axis], *window, ceil=True))
    return output


class PaddedMaxPool1d(_PaddedPool, nn.MaxPool1d):
    """`nn.MaxPool1d` for floats, with `pads=((before, after),)` of -inf; its own `padding` stays 0.

    Shape:  [N, C, L] -> [N, C, pool_extent(L, ..., pad=pads[0])].
    """

    fill = float("-inf")


class PaddedMaxPool2d(_PaddedPool, nn.MaxPool2d):
    """`nn.MaxPool2d` for floats, with `pads=((before, after), (before, after))` of -inf; its own `padding` stays 0."""

    fill = float("-inf")


class PaddedMaxPool3d(_PaddedPool, nn.MaxPool3d):
    """`nn.MaxPool3d` for floats, with one (before, after) of -inf in `pads` per axis; its own `padding` stays 0."""

    fill = float("-inf")


class _PaddedAvgPool(_PaddedPool):
    """What the padded average pools share; with `count_include_pad=False` the padding counts for nothing."""

    fill = 0.0
    count_include_pad: bool

    def forward(self, input: Tensor) -> Tensor:
        means = super().forward(input)
        if self.count_include_pad:
            return means
        channel = input.narrow(-1 - len(self.pads), 0, 1)
        return means / super().forward(torch.ones_like(channel))  # the share of each window that is no padding


class PaddedAvgPool1d(_PaddedAvgPool, nn.AvgPool1d):
    """`nn.AvgPool1d` with `pads=((before, after),)` of zeros; its own `padding` stays 0."""


class PaddedAvgPool2d(_PaddedAvgPool, nn.AvgPool2d):
    """`nn.AvgPool2d` with `pads=((before, after), (before, after))` of zeros; its own `padding` stays 0."""


class PaddedAvgPool3d(_PaddedAvgPool, nn.AvgPool3d):
    """`nn.AvgPool3d` with one (before, after) of zeros in `pads` per axis; its own `padding` stays 0."""


ORDINARY: dict[str, tuple[type[nn.Module], ...]] = {
    "max": (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d),
    "average": (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
}
PADDED: dict[str, tuple[type[nn.Module], ...]] = {
    "max": (PaddedMaxPool1d, PaddedMaxPool2d, PaddedMaxPool3d),
    "average": (PaddedAvgPool1d, PaddedAvgPool2d, PaddedAvgPool3d),
}


def make_pool(
    axes: int,
    kind: Literal["max", "average"],
    kernel_size: Numbers,
    stride: Numbers | None = None,
    pads: Sequence[Pair] | None = None,
    dilation: Numbers = 1,
    ceil: bool = False,
    count: bool = True,
) -> nn.Module:
    """Make an ordinary pool if every axis is padded alike on both sides by at most half the size, else a padded one.

    Padding never wins a maximum; in an average it counts as zeros unless `count` is false. The stride is the size
    unless given. Past three axes it takes a pool for every three of them (every two where a mean rounds up).

    Raises: InputError for no axes, an unknown kind or a dilated average, ShapeError for a number out of range or a
            window of padding alone.

    >>> make_pool(2, "max", 2)
    MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), ceil_mode=False)
    >>> make_pool(1, "average", 2, stride=1, pads=[(0, 1)])
    PaddedAvgPool1d(kernel_size=(2,), stride=(1,), padding=(0,), pads=((0, 1),))
    """
    require_axes(axes)
    if kind not in ORDINARY:
        raise InputError(f"pool kind '{kind}' is unknown. Use max or average.")
    numbers = {"kernel_size": kernel_size, "stride": kernel_size if stride is None else stride, "dilation": dilation}
    size, step, spacing = spread_numbers(axes, **numbers)
    pairs = spread_pairs(axes, pads, "pads")
    for pair in pairs:
        require_padding(pair)
    if kind == "max" or not count:
        _require_contact(kind, size, spacing, pairs)
    if kind == "average" and max(spacing) > 1:
        raise InputError(f"dilation is {max(spacing)}, but an average pool has none. Use a max pool or dilation 1.")
    # torch's 3-D average pool refuses an input smaller than its window, even where padding or `ceil` makes it fit.
    most = 2 if kind == "average" and ceil else MOST_BY_TORCH
    if axes > most:

        def make_part(part: slice) -> nn.Module:
            return make_pool(len(size[part]), kind, size[part], step[part], pairs[part], spacing[part], ceil, count)

        return Separable(axes, make_part, most)
    options: dict[str, Any] = {"ceil_mode": ceil}
    options |= {"dilation": spacing} if kind == "max" else {"count_include_pad": count}
    by_torch = axes < 3 or kind == "max" or not any(map(any, pairs))
    if by_torch and all(before == after <= cells // 2 for (before, after), cells in zip(pairs, size, strict=True)):
        return ORDINARY[kind][axes - 1](size, step, tuple(before for before, _ in pairs), **options)
    return PADDED[kind][axes - 1](size, step, pads=pairs, **options)


def _require_contact(kind: str, size: Sequence[int], dilation: Sequence[int], pads: Sequence[Pair]) -> None:
    for cells, spacing, pair in zip(size, dilation, pads, strict=True):
        span = compute_span(cells, spacing)
        if max(pair) >= span:
            raise ShapeError(
                f"a pool ({kind}) that spans {span} is padded by {max(pair)}, so that a window may hold padding alone. "
                f"Use padding of at most {span - 1}."
            )
