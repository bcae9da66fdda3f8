"""The order in which a tensor's elements lie in memory: torch's own, channels last, both, or neither."""

from __future__ import annotations

from math import prod

from striate.measure.operation import Value


def is_channels_last(value: Value) -> bool:
    """What torch asks of a tensor's strides: channels vary fastest, and not by chance alone."""
    if len(value.shape) < 4:
        return False
    least = 0
    for axis in (1, *range(len(value.shape) - 1, 1, -1), 0):
        stride, extent = value.strides[axis], value.shape[axis]
        if extent == 0 or stride < least or (axis == 0 and least == value.strides[1]):
            return False
        least = stride * max(extent, 1)
    return value.strides[1] != 0


def is_both(value: Value) -> bool:
    """One channel, or one position: contiguous and channels-last are the same."""
    return value.shape[1] == 1 or prod(value.shape[2:]) == 1


def is_dense(value: Value) -> bool:
    """Its elements fill its memory, in one of torch's two orders."""
    return not count_copy(value) or not count_copy(value, last=True)


def count_copy(value: Value, last: bool = False) -> int:
    """Bytes of a copy in torch's own order, or with channels last; 0 if its elements lie so already."""
    axes = list(range(len(value.shape) - 1, -1, -1))
    if last:
        axes = [1, *axes[:-2], 0]
    expected = 1
    for axis in axes:
        if value.shape[axis] != 1 and value.strides[axis] != expected:
            return value.bytes
        expected *= value.shape[axis]
    return 0
