"""Recurrent networks that arrive as one operation for all layers and directions: cuDNN's."""

from __future__ import annotations

from dataclasses import dataclass

from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Reach, Same, Sources, Whole
from striate.measure.rules.recurrent import MODES, count_multiplies, find_weights, read_weights, slide_steps
from striate.measure.rules.rule import Rule, read_everything


@dataclass(frozen=True)
class Stack:
    """All layers and directions in one operation. `states` are the first hidden (and cell) states, layer by layer."""

    input: Value
    states: tuple[Value, ...]
    layers: int
    directions: int
    batch_first: bool
    is_packed: bool


def find_stack(operation: Operation) -> Stack:
    """Sort the arguments."""
    arguments = operation.arguments
    (layers, first), (both, packed) = arguments[9:11], arguments[13:15]
    states = tuple(value for value in arguments[4:6] if isinstance(value, Value))
    return Stack(arguments[0], states, layers, 2 if both else 1, bool(first), bool(packed))


def read_stack(operation: Operation, output: int = 0) -> Sources:
    """All layers: a step reads those up to its own, or all, where an upper layer has met both directions.

    Packed sequences mix time and samples, so there every step counts as read. What comes after the last states is the
    library's own.
    """
    stack = find_stack(operation)
    if output > len(stack.states):
        return []
    weights = read_weights([*find_weights(operation)])
    if output:
        return [*_read_last(stack), *weights]
    time, batch = (1, 0) if stack.batch_first else (0, 1)
    channels = operation.outputs[0].shape[-1] // stack.directions
    own = tuple(_list_states(stack, (stack.layers - 1) * stack.directions + side) for side in range(stack.directions))
    layer: Axis = Whole()
    if stack.directions == 2:
        layer = Listed(len(operation.outputs[0].shape) - 1, tuple(cells for cells in own for _ in range(channels)))
    if stack.is_packed:
        return [*read_weights([stack.input]), *((state, (layer, Whole(), Whole())) for state in stack.states), *weights]
    states: Sources = [(state, (layer, Same(batch), Whole())) for state in stack.states]
    return [*_read_steps(stack, channels, time, batch), *states, *weights]


def _list_states(stack: Stack, number: int) -> tuple[int, ...]:
    """The first states that a layer and direction reads: its own, and all of the layers below."""
    return (*range(number // stack.directions * stack.directions), number)


def _read_steps(stack: Stack, channels: int, time: int, batch: int) -> Sources:
    steps = stack.input.shape[time]
    if stack.directions == 1:
        return [_place(stack.input, time, batch, slide_steps(time, steps), Whole())]
    if stack.layers > 1:
        return [_place(stack.input, time, batch, Whole(), Whole())]
    every: tuple[int, ...] = tuple(range(stack.input.shape[2]))
    halves = ((every,) * channels + ((),) * channels, ((),) * channels + (every,) * channels)
    return [
        _place(stack.input, time, batch, slide_steps(time, steps, reverse=bool(side)), Listed(2, half))
        for side, half in enumerate(halves)
    ]


def _place(input: Value, time: int, batch: int, steps: Axis, channels: Axis) -> tuple[Value, Reach]:
    return input, (*((steps, Same(batch)) if time < batch else (Same(batch), steps)), channels)


def _read_last(stack: Stack) -> Sources:
    """The last states, layer by layer: all steps of their sample."""
    layer = Listed(0, tuple(_list_states(stack, number) for number in range(stack.layers * stack.directions)))
    if stack.is_packed:
        return [*read_weights([stack.input]), *((state, (layer, Same(1), Whole())) for state in stack.states)]
    time, batch = (1, 0) if stack.batch_first else (0, 1)
    steps = (Same(1), Whole(), Whole()) if time > batch else (Whole(), Same(1), Whole())
    return [(stack.input, steps), *((state, (layer, Same(1), Whole())) for state in stack.states)]


def count_backward_multiplies(operation: Operation) -> int:
    """Once for the inputs, always; once more for the weights if their gradients are wanted."""
    return count_multiplies(operation) * (1 + bool(operation.get(21, "output_mask")[3]))


def name_mode(operation: Operation) -> str:
    """The word for the kind of recurrence, by cuDNN's number."""
    return MODES[operation.get(6, "mode")]


RULES = {
    "_cudnn_rnn": Rule(name_mode, read_stack, count_multiplies),
    "_cudnn_rnn_backward": Rule("gradient", read_everything, count_backward_multiplies),
}
