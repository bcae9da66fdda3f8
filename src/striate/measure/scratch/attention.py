"""Scratch of attention: torch's flash attention for the CPU, and layers that run as one operation in eval mode."""

from __future__ import annotations

from collections.abc import Sequence

from striate.measure.operation import Operation, Value
from striate.measure.scratch.machine import Formula, Machine


def _count_flash(operation: Operation, machine: Machine) -> int:
    """Flash attention: per thread one tile of scores, its sums and maxima, and a tile of the output, in fp32."""
    query: Value = operation.arguments[0]
    key: Value = operation.arguments[1]
    length, depth = query.shape[-2:]
    rows = min(256 if length >= 768 else 64 if length >= 192 else 32, length)
    return machine.threads * rows * (min(512, key.shape[-2]) + 2 + depth) * 4


def _count_flash_backward(operation: Operation, machine: Machine) -> int:
    """Flash attention backward: per thread two tiles of scores and a row of sums.

    The gradient is copied unless each position's heads lie side by side.
    """
    gradient: Value = operation.arguments[0]
    query: Value = operation.arguments[1]
    key: Value = operation.arguments[2]
    length = query.shape[-2]
    rows = min(256 if length >= 768 else 64 if length >= 192 else 32, length)
    swapped = tuple(zip(gradient.shape, gradient.strides, strict=True))
    copy = 0 if _is_row_major([swapped[axis] for axis in (0, 2, 1, 3)]) else gradient.bytes
    return copy + machine.threads * rows * (2 * min(512, key.shape[-2]) * 4 + 2)


def _is_row_major(axes: Sequence[tuple[int, int]]) -> bool:
    """Whether axes, each an extent and a stride, count through memory without gaps."""
    expected = 1
    for extent, stride in reversed(axes):
        if extent != 1 and stride != expected:
            return False
        expected *= extent
    return True


def _count_heads(operation: Operation, machine: Machine) -> int:
    """Multi-head attention in one: queries, keys and values twice while they get their bias, then with them the scores.

    The scores are kept to the end where their mean is wanted.
    """
    value: Value = operation.arguments[0]
    wanted = operation.get(10, "need_weights", True)
    return _count_steps(value, operation.arguments[4], kept=bool(wanted)) - value.bytes


def _count_encoder(operation: Operation, machine: Machine) -> int:
    """A transformer's encoder layer in one: its attention, then its hidden layer beside what goes in and comes out."""
    value: Value = operation.arguments[0]
    hidden: Value = operation.arguments[14]
    normed = value.bytes if operation.arguments[8] else 0
    inside = value.bytes // value.shape[-1] * hidden.shape[0] + 2 * value.bytes
    return max(normed + _count_steps(value, operation.arguments[2], kept=False), inside) - value.bytes


def _count_steps(value: Value, heads: int, kept: bool) -> int:
    batch, length, _ = value.shape
    scores = batch * heads * length * length * value.item_bytes
    return max(6 * value.bytes, 3 * value.bytes + scores, 5 * value.bytes + scores * kept)


FORMULAS: dict[str, Formula] = {
    "_native_multi_head_attention": _count_heads,
    "_scaled_dot_product_flash_attention_for_cpu": _count_flash,
    "_scaled_dot_product_flash_attention_for_cpu_backward": _count_flash_backward,
    "_transformer_encoder_layer_fwd": _count_encoder,
}
