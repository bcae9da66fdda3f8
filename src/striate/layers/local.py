"""Local connection: a convolution whose weights are not shared; each output cell has kernels of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from striate.arithmetic import Pair, convolve_extent, require_groups, require_padding
from striate.errors import ShapeError
from striate.layers.axes import Numbers, flatten_pairs, spread_numbers, spread_pairs


class LocalConv(nn.Module):
    """Convolve with kernels that belong to one output cell each, over any number of axes of fixed extents.

    `weight` is [*output extents, out_channels, in_channels/groups, *kernel_size], `bias` [out_channels, *output
    extents]. `pads` are the cells of zeros (before, after) of each axis, in axes' order.

    Shape:   [N, in_channels, *extents] -> [N, out_channels, convolve_extent(...) for each axis].
    Cost:    `count_unshared_parameters`; as many multiplies as the convolution, in one batched product.
    Raises:  ShapeError for an input of other extents, or a number out of range; InputError for more or fewer numbers
             than axes.
    Source:  Goodfellow, Bengio, Courville 2016, "Deep Learning", equation 9.9; first in LeCun 1989, "Generalization
             and network design strategies".

    >>> LocalConv(1, 2, (5,), kernel_size=3, bias=False).weight.shape
    torch.Size([3, 2, 1, 3])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        extents: Sequence[int],
        kernel_size: Numbers,
        stride: Numbers = 1,
        pads: Sequence[Pair] | None = None,
        dilation: Numbers = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        require_groups(in_channels, out_channels, groups)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.extents = tuple(extents)
        self.kernel_size, self.stride, self.dilation = spread_numbers(
            len(self.extents), kernel_size=kernel_size, stride=stride, dilation=dilation
        )
        self.pads = spread_pairs(len(self.extents), pads, "pads")
        for pair in self.pads:
            require_padding(pair)
        numbers = zip(self.extents, self.kernel_size, self.stride, self.dilation, self.pads, strict=True)
        self.output_extents = tuple(convolve_extent(*axis) for axis in numbers)
        kernels = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = nn.Parameter(torch.empty(*self.output_extents, *kernels))
        self.bias = nn.Parameter(torch.empty(out_channels, *self.output_extents)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights and biases as `nn.Conv2d` does: uniform, up to one over the root of the inputs of a cell."""
        bound = 1 / math.sqrt(self.fans[0])
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @property
    def fans(self) -> tuple[int, int]:
        """How many inputs one output sums, and how many outputs one input feeds, as of a convolution."""
        taps = math.prod(self.kernel_size)
        return self.in_channels // self.groups * taps, self.out_channels // self.groups * taps

    def forward(self, input: Tensor) -> Tensor:
        _require_extents(input, (self.in_channels, *self.extents))
        places, width = math.prod(self.output_extents) * self.groups, self.out_channels // self.groups
        patches = self._lay_out(input).reshape(places, -1, self.fans[0])
        outputs = torch.bmm(patches, self.weight.reshape(places, width, self.fans[0]).transpose(1, 2))
        axes = len(self.extents)
        outputs = outputs.reshape(*self.output_extents, self.groups, -1, width)
        outputs = outputs.permute(axes + 1, axes, axes + 2, *range(axes))
        output = outputs.reshape(-1, self.out_channels, *self.output_extents).contiguous()
        return output if self.bias is None else output + self.bias.to(output.dtype)

    def _lay_out(self, input: Tensor) -> Tensor:
        """Lay out what each cell sees: [*output extents, groups, N, in_channels/groups, *kernel_size]."""
        padded = F.pad(input, flatten_pairs(self.pads)) if any(map(any, self.pads)) else input
        extents = (before + extent + after for extent, (before, after) in zip(self.extents, self.pads, strict=True))
        seen = padded.reshape(-1, self.groups, self.in_channels // self.groups, *extents)
        seen = seen.permute(*range(3, 3 + len(self.extents)), 1, 0, 2)
        for axis, window in enumerate(zip(self.kernel_size, self.stride, self.dilation, strict=True)):
            seen = _slide(seen, axis, self.output_extents[axis], *window)
        return seen

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}, extents={self.extents}, kernel_size={self.kernel_size}"]
        parts.append(f"stride={self.stride}")
        parts += [f"pads={self.pads}"] * any(map(any, self.pads))
        parts += [f"dilation={self.dilation}"] * (max(self.dilation, default=1) > 1)
        parts += [f"groups={self.groups}"] * (self.groups > 1) + ["bias=False"] * (self.bias is None)
        return ", ".join(parts)


def _slide(tensor: Tensor, axis: int, cells: int, size: int, stride: int, dilation: int) -> Tensor:
    """Windows in the place of an axis, their taps in a new last one."""
    if dilation == 1:
        return tensor.unfold(axis, size, stride)
    before, reach = (slice(None),) * axis, stride * (cells - 1) + 1
    starts = range(0, dilation * size, dilation)
    return torch.stack([tensor[(*before, slice(start, start + reach, stride))] for start in starts], dim=-1)


@fx.wrap
def _require_extents(input: Tensor, shape: tuple[int, ...]) -> None:
    """Refuse another input; wrapped because `torch.fx` can't follow a look at shapes: it records this as one call."""
    if tuple(input.shape[1:]) != shape:
        found, needed = ("x".join(map(str, sizes)) for sizes in (input.shape[1:], shape))
        raise ShapeError(
            f"the input is {found}, but the layer has weights for each cell of {needed}. Build it for that input."
        )
