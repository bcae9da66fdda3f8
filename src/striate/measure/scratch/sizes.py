"""A convolution's sizes, read off an operation, and what its tensors take in the library's blocked layouts.

A transposed convolution is read as the convolution that it is the gradient of: one set of formulas serves both.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from striate.measure.operation import Operation, Value
from striate.measure.scratch.machine import Machine
from striate.measure.scratch.order import is_channels_last


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution's sizes. A transposed one is stored as the convolution that it is the gradient of.

    `source` and `target` are the spatial sizes of the two sides; 1-D is 2-D with a height of 1, as in torch.
    """

    batch: int
    groups: int
    channels: tuple[int, int]
    source: tuple[int, ...]
    target: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    transposed: bool
    bias: bool
    item_bytes: int
    channels_last: bool
    machine: Machine

    @property
    def threads(self) -> int:
        """Threads that share the work."""
        return self.machine.threads

    @property
    def block(self) -> int:
        """Channels in one of the processor's vectors."""
        return self.machine.block

    @property
    def is_depthwise(self) -> bool:
        """One channel in and one out per group."""
        return self.groups > 1 and self.channels == (self.groups, self.groups)

    @property
    def is_pointwise(self) -> bool:
        """A 1x1 convolution without padding or groups, whose stride divides the image; oneDNN has a kernel for it."""
        if prod(self.kernel) > 1 or any(self.padding) or self.groups > 1:
            return False
        even = not any(extent % stride for extent, stride in zip(self.source, self.stride, strict=True))
        return not self.is_strided or (even and len(self.kernel) == 2)

    @property
    def is_strided(self) -> bool:
        """Some stride is more than 1."""
        return max(self.stride) > 1

    @property
    def is_dilated(self) -> bool:
        """Some dilation is more than 1."""
        return any(d > 1 and k > 1 for d, k in zip(self.dilation, self.kernel, strict=True))

    @property
    def lane(self) -> int:
        """Channels per block of the library's layout; 0 if no layout fits the groups and it goes by columns."""
        if self.groups == 1 or self.is_depthwise:
            return self.block
        return next(
            (
                lane
                for lane in (16, 8, 4)
                if lane <= self.block and not any(c // self.groups % lane for c in self.channels)
            ),
            0,
        )

    def count_side(self, side: int, lane: int = 1) -> int:
        """Bytes of the source (0) or target (1), channels rounded up to whole blocks."""
        extent = (self.source, self.target)[side]
        return self.batch * round_up(self.channels[side], lane) * prod(extent) * self.item_bytes

    def count_weight(self, source_lane: int = 1, target_lane: int = 1) -> int:
        """Bytes of the weight, channels rounded up to whole blocks."""
        if self.is_depthwise:
            return round_up(self.groups, target_lane) * prod(self.kernel) * self.item_bytes
        source, target = (count // self.groups for count in self.channels)
        rounded = round_up(source, source_lane) * round_up(target, target_lane)
        return self.groups * rounded * prod(self.kernel) * self.item_bytes


def read_convolution(operation: Operation, machine: Machine) -> tuple[Convolution, Value, Value, Value]:
    """The sizes of a convolution or its gradient, with its input, weight and output (or output's gradient)."""
    backward = operation.name == "convolution_backward"
    gradient: Value = operation.arguments[0] if backward else operation.outputs[0]
    value, weight, bias = operation.arguments[1:4] if backward else operation.arguments[:3]
    stride, padding, dilation, transposed, _, groups = operation.arguments[3 + backward : 9 + backward]
    sides = (gradient, value) if transposed else (value, gradient)
    flat = (1,) * (len(value.shape) == 3)
    return (
        Convolution(
            batch=value.shape[0],
            groups=groups,
            channels=(sides[0].shape[1], sides[1].shape[1]),
            source=(*flat, *sides[0].shape[2:]),
            target=(*flat, *sides[1].shape[2:]),
            kernel=(*flat, *weight.shape[2:]),
            stride=(*flat, *stride),
            padding=(*(0 for _ in flat), *padding),
            dilation=(*flat, *dilation),
            transposed=transposed,
            bias=bool(operation.arguments[10][2]) if backward else bias is not None,
            item_bytes=value.item_bytes,
            channels_last=is_channels_last(value) or is_channels_last(weight),
            machine=machine,
        ),
        value,
        weight,
        gradient,
    )


def round_up(count: int, step: int) -> int:
    """The next multiple of `step`."""
    return -(-count // step) * step
