"""Scratch of an LSTM's layer, which oneDNN runs as one operation, and the workspace kept for its backward pass.

Source: oneDNN 3.12, set_workspace_sizes and set_offsets in src/cpu/rnn/rnn_utils.cpp.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from striate.measure.operation import Operation, Value
from striate.measure.scratch.buffers import PAGE
from striate.measure.scratch.machine import Formula, Machine
from striate.measure.scratch.order import count_copy
from striate.measure.scratch.sizes import round_up

NESTED = 4664  # lists of pointers, and what aligning them costs
GATES = 4


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of an LSTM in one direction."""

    length: int
    batch: int
    inner: int
    outer: int
    item_bytes: int

    def count_states(self, width: int) -> int:
        """States before and after the layer, of every step and the one before the first."""
        return 2 * (self.length + 1) * self.batch * width * self.item_bytes

    def count_step(self, width: int) -> int:
        """One number per image and unit."""
        return self.batch * width * self.item_bytes


def count_workspace(operation: Operation) -> int:
    """Bytes that an LSTM's layer keeps for its gradient: gates, states and room for their gradients.

    Torch returns them as a fourth output; a stand-in's is empty.
    """
    if not operation.get(15, "train"):
        return 0
    layer = _read_layer(operation)
    wide = layer.count_states(_align(max(layer.inner, layer.outer)))
    narrow = layer.count_states(layer.outer)
    gates, hidden = (layer.length * layer.count_step(_align(count)) for count in (GATES * layer.outer, layer.outer))
    return _lay_out([gates, hidden, wide, narrow, wide, wide, narrow, 0])


def _count_layer(operation: Operation, machine: Machine) -> int:
    """Forward: both biases' sum, both weights with padded rows, and the gates of all steps (of one, in eval mode)."""
    layer = _read_layer(operation)
    train = bool(operation.get(15, "train"))
    bias = GATES * layer.outer * layer.item_bytes
    if train:
        return bias + _count_weights(layer, _align(GATES * layer.outer)) + _count_room(layer)
    step = layer.count_step(_align(GATES * layer.outer))
    states = [layer.count_states(_align(max(layer.inner, layer.outer))), layer.count_states(layer.outer)]
    room = _lay_out([*states, step, layer.count_step(_align(layer.outer)), 0]) + NESTED + 208
    return bias + _count_weights(layer, GATES * round_up(layer.outer, 2 * machine.block)) + room


def _count_layer_backward(operation: Operation, machine: Machine) -> int:
    """Backward: both weights and both of their gradients with padded rows, two biases, the gradients that came.

    Those that lie badly are copied, missing ones become zeros.
    """
    layer = _read_layer(operation)
    gates = GATES * layer.outer
    weights = sum(
        gates * _align(count) * layer.item_bytes for count in (layer.inner, layer.outer) if _align(count) != count
    )
    given = [operation.get(place, "", None) for place in (10, 11, 12)]
    came = sum(count_copy(each) for each in given if isinstance(each, Value))
    came += sum(layer.count_step(layer.outer) for each in given[1:] if each is None)
    return came + weights + _count_weights(layer, _align(gates)) + 2 * gates * layer.item_bytes + _count_room(layer)


def _read_layer(operation: Operation) -> _Layer:
    value: Value = operation.arguments[0]
    recurrent: Value = operation.arguments[2]
    return _Layer(value.shape[0], value.shape[1], value.shape[2], recurrent.shape[1], value.item_bytes)


def _align(count: int) -> int:
    """Rows of 64 bytes, but not of a multiple of 1024, which would collide in the cache."""
    rounded = round_up(count, 16)
    return rounded + 16 if rounded % 256 == 0 else rounded


def _lay_out(sizes: Iterable[int]) -> int:
    """Buffers one after another, each on a page of its own."""
    end = 0
    for size in sizes:
        end = round_up(end, PAGE) + size
    return end


def _count_weights(layer: _Layer, row: int) -> int:
    return (layer.inner + layer.outer) * row * layer.item_bytes


def _count_room(layer: _Layer) -> int:
    gates = layer.length * layer.count_step(_align(GATES * layer.outer))
    step = layer.count_step(_align(layer.outer))
    return _lay_out([gates, step, step, 0]) + NESTED


FORMULAS: dict[str, Formula] = {
    "mkldnn_rnn_layer": _count_layer,
    "mkldnn_rnn_layer_backward": _count_layer_backward,
}
