"""Scratch of a convolution and of its gradient: by oneDNN's plans, or by torch's own columns where it takes those."""

from __future__ import annotations

from math import prod

from striate.measure.operation import Operation, Value
from striate.measure.scratch.machine import Formula, Machine
from striate.measure.scratch.order import count_copy
from striate.measure.scratch.plan import plan_source, plan_target, plan_weight
from striate.measure.scratch.sizes import Convolution, read_convolution


def _count_convolution(operation: Operation, machine: Machine) -> int:
    """Forward: copies of input, weight and output in the library's layout, then the output once more in torch's."""
    size, value, weight, output = read_convolution(operation, machine)
    kept = sum(count_copy(each, size.channels_last) for each in (value, weight))
    if not _uses_onednn(size, value, weight):
        if size.groups > 1:
            return kept + max(output.bytes, _count_slices(size))
        plain = _is_plain(size) and not size.transposed
        return kept + (0 if plain else _count_column_bytes(size)) + _count_ones(size)
    plan = plan_source(size) if size.transposed else plan_target(size)
    if size.channels_last:
        return kept + plan.weight + plan.scratchpad
    result = plan.source if size.transposed else plan.target
    copies = plan.source + plan.weight + plan.target + plan.scratchpad
    return kept + max(copies - output.bytes, result + (plan.dense - 1) * output.bytes)


def _count_convolution_backward(operation: Operation, machine: Machine) -> int:
    """Backward: the input's gradient first, then the weight's and the bias's, each with copies as in the forward."""
    size, value, weight, gradient = read_convolution(operation, machine)
    wants_input, wants_weight, wants_bias = operation.arguments[10]
    input_bytes = value.bytes if wants_input else 0
    bias_bytes = _weight_channels(size) * size.item_bytes if wants_bias else 0
    weight_bytes = weight.bytes if wants_weight else 0
    outputs = input_bytes + weight_bytes + bias_bytes
    kept = sum(count_copy(each, size.channels_last) for each in (value, weight, gradient))
    if not _uses_onednn(size, value, weight):
        return kept + _count_native_backward(size, input_bytes, outputs)
    peaks = [0]
    if wants_input:
        plan = plan_target(size) if size.transposed else plan_source(size)
        result = plan.target if size.transposed else plan.source
        copies = plan.source + plan.weight + plan.target
        if size.channels_last:
            peaks.append(input_bytes + plan.weight + plan.scratchpad)
        else:
            peaks += [copies + plan.scratchpad, result + plan.dense * input_bytes]
    if wants_weight or wants_bias:
        plan = plan_weight(size)
        layouts = 1
        copies = plan.source + plan.target
        if size.channels_last:
            copies, layouts = 0, 2
        peaks.append(input_bytes + copies + plan.weight + bias_bytes + plan.scratchpad)
        peaks.append(input_bytes + plan.weight + 2 * bias_bytes + layouts * weight.bytes)
    return kept + max(peaks) - outputs


def _count_native_backward(size: Convolution, input_bytes: int, outputs: int) -> int:
    """Torch's own kernels: in 3-D the columns of the input's gradient are gone before those of the weight's come."""
    if size.groups > 1:
        return max(outputs, _count_slices(size))
    columns = 0 if _is_plain(size) else _count_column_bytes(size)
    if not input_bytes or len(size.kernel) < 3 or size.transposed:
        return columns
    return max(columns, input_bytes + _count_column_bytes(size) - outputs)


def _count_column_bytes(size: Convolution) -> int:
    """Columns of torch's own kernels (slow_conv2d and its kin), for small inputs; transposed 3-D goes by images."""
    images = 1 if size.transposed and len(size.kernel) == 3 else size.batch
    return images * size.channels[0] * prod(size.kernel) * prod(size.target) * size.item_bytes


def _is_plain(size: Convolution) -> bool:
    """An image is its own columns."""
    return prod(size.kernel) == 1 and not size.is_strided and not any(size.padding)


def _count_slices(size: Convolution) -> int:
    """Torch's own kernels take the groups one by one, with each side's channels cut out, and join the results."""
    return (size.count_side(0) + size.count_side(1)) // size.groups if size.batch > 1 else 0


def _count_ones(size: Convolution) -> int:
    """The row of ones that adds the bias in a transposed 3-D convolution."""
    return prod(size.source) * size.item_bytes if size.transposed and len(size.kernel) == 3 else 0


def _weight_channels(size: Convolution) -> int:
    """Channels that have a bias."""
    return size.channels[0] if size.transposed else size.channels[1]


def _uses_onednn(size: Convolution, value: Value, weight: Value) -> bool:
    """The choice that torch makes between oneDNN and its own column kernels."""
    if size.item_bytes != 4:
        return size.item_bytes == 2 and size.block == 16
    kernel = size.kernel[-2:]
    worth = size.is_strided or max(size.dilation) > 1 or size.batch >= 16 or prod(kernel) != 1 or size.threads > 1
    shape = value.shape if len(value.shape) > 3 else (*value.shape[:2], 1, value.shape[2])
    return worth and (size.groups > 1 or min(kernel) > 3 or size.batch > 1 or prod(shape[:4]) > 20480)


FORMULAS: dict[str, Formula] = {
    "convolution": _count_convolution,
    "convolution_backward": _count_convolution_backward,
}
