"""Scratch of every other layer: norms, pools, resizing, dropout, losses, products, and copies of what lies badly."""

from __future__ import annotations

from math import prod
from typing import Any

from striate.measure.operation import Operation, Value
from striate.measure.scratch.machine import Formula, Machine
from striate.measure.scratch.order import count_copy, is_both, is_channels_last, is_dense
from striate.measure.scratch.sizes import round_up


def _count_batch_norm(operation: Operation, machine: Machine) -> int:
    """A factor and a shift per channel."""
    value: Value = operation.arguments[0]
    return 2 * value.shape[1] * 4


def _count_batch_norm_backward(operation: Operation, machine: Machine) -> int:
    """A second input gradient, unless the gradient and the input lie in different orders."""
    gradient: Value = operation.arguments[0]
    value: Value = operation.arguments[1]
    if not is_dense(gradient) or not is_dense(value):
        return 0
    return value.bytes if is_channels_last(gradient) == is_channels_last(value) or is_both(value) else 0


def _count_layer_norm_backward(operation: Operation, machine: Machine) -> int:
    """Per thread, sums for the weight's and the bias's gradients; copies of what isn't contiguous."""
    sums = 2 * machine.threads * prod(int(extent) for extent in operation.arguments[2]) * 4
    return sums + count_copy(operation.arguments[0]) + count_copy(operation.arguments[1])


def _count_group_norm(operation: Operation, machine: Machine) -> int:
    """Two sums per image and channel; the forward needs them only channels-last."""
    value: Value = operation.arguments[1 if operation.name.endswith("backward") else 0]
    if operation.name == "native_group_norm" and not is_channels_last(value):
        return 0
    return 2 * prod(value.shape[:2]) * 4


def _count_upsample(operation: Operation, machine: Machine) -> int:
    """A contiguous input of several channels is copied to channels-last, and the output back."""
    value: Value = operation.arguments[0]
    return (
        0
        if value.shape[1] == 1 or is_channels_last(value)
        else value.bytes + operation.outputs[0].bytes * (prod(value.shape[2:]) > 1)
    )


def _count_dropout(operation: Operation, machine: Machine) -> int:
    """The mask as numbers, beside the mask as truth values."""
    value: Value = operation.arguments[0]
    return value.bytes if operation.get(2, "train") is not False else 0


def _count_loss(copies: int) -> Formula:
    """A loss holds some copies of its input's size before it takes the mean or the sum."""

    def count(operation: Operation, machine: Machine) -> int:
        value: Value = operation.arguments[0]
        return copies * value.bytes if not operation.outputs[0].shape and value.shape else 0

    return count


def _count_product(operation: Operation, machine: Machine) -> int:
    """A bf16 matrix product packs panels of its second factor, per thread: 64 columns of so many rows (fitted)."""
    factor: Value = operation.arguments[2 if operation.name == "addmm" else 1]
    rows = min(round_up(factor.shape[-2], 32), 512 if factor.shape[-2] <= 1024 else 1024)
    return machine.threads * 128 * rows + 2688 if factor.item_bytes == 2 else 0


def _count_mean(operation: Operation, machine: Machine) -> int:
    """A bf16 mean is taken of an fp32 copy, in fp32."""
    value: Value = operation.arguments[0]
    return 2 * (value.bytes + operation.outputs[0].bytes) if value.item_bytes == 2 else 0


def _count_plain(*places: int) -> Formula:
    """Copies of the arguments that aren't contiguous."""

    def count(operation: Operation, machine: Machine) -> int:
        return sum(count_copy(operation.arguments[place]) for place in places)

    return count


def _count_alike(operation: Operation, machine: Machine) -> int:
    """A pool, or the gradient of one: what doesn't lie in the order of the input is copied."""
    value: Value = operation.arguments[0]
    like: Any = operation.arguments[1] if operation.name.endswith("backward") else value
    return count_copy(value, last=is_channels_last(like if isinstance(like, Value) else value))


ALIKE = (
    "max_pool2d_with_indices",
    "max_pool2d_with_indices_backward",
    "max_pool3d_with_indices_backward",
    "avg_pool2d_backward",
    "avg_pool3d_backward",
    "adaptive_max_pool2d_backward",
    "adaptive_max_pool3d_backward",
    "_adaptive_avg_pool2d_backward",
    "_adaptive_avg_pool3d_backward",
    "gelu_backward",
    "reflection_pad1d_backward",
    "reflection_pad2d_backward",
    "replication_pad1d_backward",
    "replication_pad2d_backward",
    "upsample_nearest2d_backward",
    "upsample_bilinear2d_backward",
)

FORMULAS: dict[str, Formula] = {
    **dict.fromkeys(ALIKE, _count_alike),
    "_log_softmax": _count_plain(0),
    "_log_softmax_backward_data": _count_plain(0, 1),
    "_softmax": _count_plain(0),
    "_softmax_backward_data": _count_plain(0, 1),
    "addmm": _count_product,
    "binary_cross_entropy": _count_loss(1),
    "binary_cross_entropy_with_logits": _count_loss(2),
    "huber_loss": _count_loss(1),
    "im2col": lambda operation, machine: operation.arguments[0].bytes,
    "mean": _count_mean,
    "mm": _count_product,
    "mse_loss": _count_loss(2),
    "native_batch_norm": _count_batch_norm,
    "native_batch_norm_backward": _count_batch_norm_backward,
    "native_dropout": _count_dropout,
    "native_dropout_backward": lambda operation, machine: operation.arguments[0].bytes,
    "native_group_norm": _count_group_norm,
    "native_group_norm_backward": _count_group_norm,
    "native_layer_norm": _count_plain(0),
    "native_layer_norm_backward": _count_layer_norm_backward,
    "smooth_l1_loss": _count_loss(2),
    "upsample_bilinear2d": _count_upsample,
    "upsample_nearest2d": _count_upsample,
}
