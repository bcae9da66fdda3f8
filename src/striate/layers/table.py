"""Convolution where each output map sees some of the input maps: a table says which."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from striate.arithmetic import Pair, require_padding
from striate.errors import ShapeError
from striate.layers.axes import Numbers, spread_numbers, spread_pairs
from striate.layers.padded_nd import convolve_nd
from striate.layers.padding import pad_axes

_BY_TORCH = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


class TableConv(nn.Module):
    """Convolve each output map with the input maps that its row of `table` lists; over any number of axes.

    A row stands for `out_channels / rows` consecutive maps. `weight` is [connections, *kernel_size], in the order of
    output maps, then of input maps; `bias` is [out_channels]. `pads`, `padding_mode` and `fill` are those of
    `make_convolution`.

    Shape:   [N, in_channels, *extents] -> [N, out_channels, *convolve_extent(extent, ..., pad=pads[axis])].
    Cost:    `count_table_parameters`, `count_table_multiplies`; one grouped convolution for each number of input maps
             that a row can have, and a copy of the input maps that each row lists.
    Raises:  ShapeError for a table that doesn't fit the channels, or a number out of range.
    Source:  LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition", table I.

    >>> TableConv(3, 4, [(0, 1), (1, 2)], kernel_size=(5, 5)).weight.shape
    torch.Size([8, 5, 5])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        table: Sequence[Sequence[int]],
        kernel_size: Sequence[int],
        stride: Numbers = 1,
        pads: Sequence[Pair] | None = None,
        dilation: Numbers = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        fill: float = 0.0,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.table = tuple(map(tuple, table))
        _require_table(in_channels, out_channels, self.table)
        self.maps = out_channels // len(self.table)  # that a row stands for
        self.kernel_size, self.stride, self.dilation = spread_numbers(
            len(kernel_size), kernel_size=kernel_size, stride=stride, dilation=dilation
        )
        self.pads = spread_pairs(len(kernel_size), pads, "pads")
        for pair in self.pads:
            require_padding(pair)
        self.padding_mode, self.fill = padding_mode, fill
        self.connections = self.maps * sum(map(len, self.table))
        self.weight = nn.Parameter(torch.empty(self.connections, *self.kernel_size))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights and biases as `nn.Conv2d` does: uniform, up to one over the root of the inputs of a cell."""
        bound = 1 / math.sqrt(self.fans[0])
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @property
    def fans(self) -> tuple[int, int]:
        """How many inputs one output sums, and how many outputs one input feeds: the means over all maps, rounded."""
        weights = self.connections * math.prod(self.kernel_size)
        return max(1, round(weights / self.out_channels)), max(1, round(weights / self.in_channels))

    def forward(self, input: Tensor) -> Tensor:
        _require_channels(input, self.in_channels)
        maps = torch.split(pad_axes(input, self.pads, self.padding_mode, self.fill), 1, 1)
        lots = self._sort_rows()
        outputs = [self._convolve(maps, rows) for rows in lots]
        joined = torch.cat(outputs, 1) if len(outputs) > 1 else outputs[0]
        order = [row for rows in lots for row in rows]
        if order == sorted(order):
            return joined
        parts = torch.split(joined, self.maps, 1)
        return torch.cat([parts[order.index(row)] for row in range(len(order))], 1)

    def _sort_rows(self) -> list[list[int]]:
        """The rows that list equally many maps together: each lot is one grouped convolution."""
        lots: dict[int, list[int]] = {}
        for row, channels in enumerate(self.table):
            lots.setdefault(len(channels), []).append(row)
        return list(lots.values())

    def _convolve(self, maps: Sequence[Tensor], rows: list[int]) -> Tensor:
        """Convolve the maps that each of these rows lists, a group for each row."""
        seen = torch.cat([maps[channel] for row in rows for channel in self.table[row]], 1)
        weights = [self.maps * len(channels) for channels in self.table]
        weight = _take(self.weight, rows, weights).reshape(len(rows) * self.maps, -1, *self.kernel_size)
        bias = None if self.bias is None else _take(self.bias, rows, [self.maps] * len(self.table))
        if convolve := _BY_TORCH.get(len(self.kernel_size)):
            return convolve(seen, weight, bias, self.stride, 0, self.dilation, len(rows))
        return convolve_nd(seen, weight, bias, self.kernel_size, self.stride, self.dilation, len(rows))

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}, connections={self.connections}"]
        parts += [f"kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"pads={self.pads}"] * any(map(any, self.pads))
        parts += [f"dilation={self.dilation}"] * (max(self.dilation) > 1) + ["bias=False"] * (self.bias is None)
        parts += [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros")
        return ", ".join(parts + [f"fill={self.fill}"] * bool(self.fill))


def _take(parameter: Tensor, rows: Iterable[int], sizes: Sequence[int]) -> Tensor:
    """What belongs to these rows, of a parameter that has `sizes` entries for each row."""
    starts = [0, *accumulate(sizes)]
    runs: list[list[int]] = []
    for row in rows:
        if runs and runs[-1][1] == starts[row]:
            runs[-1][1] = starts[row + 1]
        else:
            runs.append([starts[row], starts[row + 1]])
    parts = [parameter.narrow(0, start, stop - start) for start, stop in runs]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


@fx.wrap
def _require_channels(input: Tensor, channels: int) -> None:
    """Refuse another input; wrapped because `torch.fx` can't follow a look at shapes: it records this as one call."""
    if input.shape[1] != channels:
        raise ShapeError(
            f"the input has {input.shape[1]} channels, but the table lists from {channels}. Build it for that input."
        )


def _require_table(in_channels: int, out_channels: int, table: tuple[tuple[int, ...], ...]) -> None:
    if not table or out_channels % len(table):
        raise ShapeError(
            f"the table has {len(table)} rows, but they must divide the {out_channels} output channels. "
            f"Give a row for each, or for as many each."
        )
    for number, row in enumerate(table, 1):
        if not row or list(row) != sorted({*row} & {*range(in_channels)}):
            raise ShapeError(
                f"row {number} of the table lists the input channels {list(row)}, but it needs one or more from 0 to "
                f"{in_channels - 1}, in order. Mend it."
            )
