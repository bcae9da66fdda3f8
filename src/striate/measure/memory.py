"""Memory as terms: what lies there all the time, what a pass or a step adds, and the moment when most is alive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from striate.measure.ledger import Allocation
from striate.measure.operation import Operation
from striate.measure.scratch import Optimizer, count_step_scratch
from striate.measure.trace import Trace

STATES: dict[Optimizer, int] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
COUNTER_BYTES = 4  # Adam counts the steps of each parameter in a tensor of one float
STEP = "the optimiser's step"


@dataclass(frozen=True)
class Memory:
    """Bytes allocated at the fullest moment of one pass, or of one step of training; the terms add up to `peak`.

    `inputs` are the input and, in training, the targets; `optimizer` is the optimiser's state; `activations` are what
    the pass made and still holds: outputs, what is kept for the backward pass, gradients of activations. `scratch` is
    what the library takes for a while within the operation that `at` names (a layer and its operation, or the
    optimiser's step). `settings` is the optimiser's name. `saved`, no term of the sum, is all that the module made and
    keeps for the backward pass.
    """

    parameters: int
    buffers: int
    inputs: int
    gradients: int
    optimizer: int
    activations: int
    scratch: int
    at: str
    settings: str
    saved: int = 0

    @property
    def peak(self) -> int:
        """The sum of the terms."""
        return (
            self.parameters
            + self.buffers
            + self.inputs
            + self.gradients
            + self.optimizer
            + self.activations
            + self.scratch
        )


def estimate_inference(trace: Trace) -> Memory:
    """Find the fullest moment of one pass; the trace is of eval mode, without a backward pass.

    >>> from torch import nn
    >>> from striate.measure.trace import trace
    >>> memory = estimate_inference(trace(nn.Sequential(nn.Linear(4, 8), nn.ReLU()), (4,)))
    >>> memory.parameters, memory.inputs, memory.activations, memory.peak
    (160, 16, 64, 240)
    """
    return _read_peak(trace)


def estimate_training(trace: Trace, optimizer: Optimizer = "momentum") -> Memory:
    """Find the fullest moment of one step, the second or a later one; the trace is of train mode and a backward pass.

    Gradients are set to None before the forward pass, as torch does by default, and what the module returned is held to
    the end; the optimiser is torch's, one parameter after the other. A parameter that got no gradient has no state.

    >>> from torch import nn
    >>> from striate.measure.trace import trace
    >>> made = trace(nn.Linear(4, 8), (4,), 2, mode="train", backward=True)
    >>> memory = estimate_training(made, "adam")
    >>> memory.optimizer, memory.gradients, memory.at
    (328, 160, "the optimiser's step")
    """
    sizes = [value.bytes for name, value in trace.parameters.items() if name in trace.gradients]
    state = STATES[optimizer] * sum(sizes) + (COUNTER_BYTES * len(sizes) if optimizer.startswith("adam") else 0)
    held = {value.storage for value in trace.outputs}
    after = [each for each in trace.ledger.allocations if each.died is None or each.number in held]
    at_step = _sort(trace, after, count_step_scratch(optimizer, sizes), STEP, state, optimizer)
    return max(_read_peak(trace, state, optimizer), at_step, key=lambda memory: memory.peak)


def _read_peak(trace: Trace, state: int = 0, settings: str = "") -> Memory:
    living, scratch, index = trace.ledger.find_peak(_find_unmade(trace))
    newest = max(living, key=lambda each: each.born, default=None)
    if index is None and newest is not None:
        index = newest.operation
    return _sort(trace, living, scratch, _name_place(trace, index), state, settings)


def _find_unmade(trace: Trace) -> frozenset[int]:
    """Indices of 1-D max pools that nobody reads: torch's kernel then doesn't make them, a stand-in's does."""
    flat = {
        operation.outputs[1].storage
        for operation in trace.operations
        if operation.name == "max_pool2d_with_indices" and _is_flat(operation)
    }
    if not flat:
        return frozenset()
    readers = (operation for operation in trace.operations if not operation.is_view)
    read = {value.storage for operation in readers for value in operation.inputs}
    return frozenset(flat - read - {value.storage for value in trace.outputs})


def _is_flat(operation: Operation) -> bool:
    """Whether a 2-D pool is one of torch's 1-D pools, which give their input an axis of one cell."""
    maker = operation.arguments[0].maker
    return maker is not None and maker.name == "unsqueeze" and operation.get(1, "kernel_size")[0] == 1


def _sort(
    trace: Trace, living: Iterable[Allocation], scratch: int, at: str, state: int = 0, settings: str = ""
) -> Memory:
    bytes_of: dict[str, int] = {}
    for allocation in living:
        bytes_of[allocation.category] = bytes_of.get(allocation.category, 0) + allocation.bytes
    return Memory(
        parameters=bytes_of.get("parameters", 0),
        buffers=bytes_of.get("buffers", 0),
        inputs=bytes_of.get("input", 0) + bytes_of.get("target", 0),
        gradients=bytes_of.get("gradients", 0),
        optimizer=state,
        activations=bytes_of.get("activations", 0) + bytes_of.get("passing", 0),
        scratch=scratch,
        at=at,
        settings=settings,
        saved=sum(each.bytes for each in trace.ledger.allocations if each.saved and _is_forward(trace, each)),
    )


def _is_forward(trace: Trace, allocation: Allocation) -> bool:
    """Whether the module made it: not its parameters, buffers and inputs, nor the loss and its gradients."""
    return allocation.operation is not None and trace.operations[allocation.operation].phase == "forward"


def _name_place(trace: Trace, index: int | None) -> str:
    """The layer and the operation where most is alive; in the backward pass the layer whose gradient it is."""
    if index is None:
        return ""
    operation = trace.operations[index]
    cause = trace.operations[operation.cause] if operation.cause is not None else operation
    layer = operation.path or cause.path
    return f"{layer} ({operation.name})" if layer else operation.name
