"""One run of a module on stand-ins without memory, forward and backward, written down operation by operation."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from striate.measure.failure import explain_failure
from striate.measure.inputs import Given, find_device, find_type, make_inputs, name_inputs
from striate.measure.ledger import Ledger
from striate.measure.operation import Call, Operation, Value
from striate.measure.recorder import Recorder
from striate.measure.scratch import count_workspace
from striate.measure.standin import keep_quiet, make_stand_in, stand_in

Mode: TypeAlias = Literal["train", "eval"]
Scratch: TypeAlias = "Callable[[Operation], int]"


@dataclass(eq=False)
class Trace:
    """What one run did: its operations in order, the values it began with, and its allocations.

    `inputs` and `outputs` are the values that went in and came out; `parameters` is every parameter, once, by its first
    path, whether it was used or not; `trained` are the paths of those that take gradients, `gradients` what those hold
    that got one in the backward pass.
    """

    operations: list[Operation]
    calls: list[Call]
    inputs: list[Value]
    outputs: list[Value]
    parameters: dict[str, Value]
    trained: frozenset[str]
    modules: dict[str, str]
    ledger: Ledger
    batch: int
    mode: Mode
    gradients: dict[str, Value] = field(default_factory=dict)


def trace(
    module: nn.Module,
    input: Given,
    batch: int = 1,
    *,
    mode: Mode = "eval",
    backward: bool = False,
    autocast: torch.dtype | None = None,
    scratch: Scratch = lambda operation: 0,
) -> Trace:
    """Run `module` once without memory or arithmetic, and write down every tensor operation.

    Shape:   `input` is channels x extents without the batch, or a tensor with it; several in a list, or by keyword.
    Cost:    no tensor memory; time in proportion to the number of operations (about 0.3 ms each).
    Raises:  InputError, in one line, where the module can't be run so: its Python reads a tensor's values, the input
             has the wrong shape, an argument is missing.

    >>> made = trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 8, 8))
    >>> [(operation.path, operation.name) for operation in made.operations]
    [('0', 'convolution'), ('1', 'relu')]
    """
    module = getattr(module, "_orig_mod", module)  # a compiled module keeps the one it was made from
    named = name_inputs(input)
    first = next((value for value in named.values() if isinstance(value, Tensor)), None)
    batch = int(first.shape[0]) if first is not None and first.dim() else batch
    ledger = Ledger()
    recorder = Recorder(ledger, scratch)
    with ExitStack() as stack:
        stack.enter_context(_keep_randomness())
        stack.enter_context(keep_quiet())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(_set_mode(module, mode))
        stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        twins = stack.enter_context(stand_in(module, recorder.wrap))
        stack.enter_context(torch.set_grad_enabled(backward))
        feed = make_inputs(named, batch, find_type(module), find_device(module))
        parameters = _enter_state(module, twins.values(), recorder)
        inputs = [recorder.enter(tensor, "input", str(key)) for key, tensor in feed.items()]
        for tensor in feed.values():
            ledger.note(tensor).category = "input"
        try:
            result = _run(module, feed, recorder, backward=backward, autocast=autocast)
        except Exception as problem:
            raise explain_failure(problem, module, recorder.trouble, feed) from problem
        gradients = _enter_gradients(module, recorder)
        _fill_workspaces(recorder)
        ledger.close()
        del twins
    return Trace(
        recorder.operations,
        recorder.calls,
        inputs,
        result,
        parameters,
        frozenset(name for name, tensor in module.named_parameters() if tensor.requires_grad),
        {path: type(part).__name__ for path, part in module.named_modules()},
        ledger,
        batch,
        mode,
        gradients,
    )


@contextmanager
def _keep_randomness() -> Iterator[None]:
    """Put torch's and Python's random states back: dropout on stand-ins, and the user's Python, draw from them."""
    state = random.getstate()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(state)


@contextmanager
def _set_mode(module: nn.Module, mode: Mode) -> Iterator[None]:
    """Train or eval for the length of a `with`, each part's own flag afterwards; parts frozen in eval stay so."""
    flags = [(part, part.training) for part in module.modules()]
    whole = module.training
    try:
        if mode == "eval" or not whole:
            module.train(mode == "train")
        yield
    finally:
        for part, training in flags:
            part.training = training


def _enter_state(module: nn.Module, twins: Iterable[Tensor], recorder: Recorder) -> dict[str, Value]:
    """Name the parameters and buffers, and tensors that the module keeps besides; all are stand-ins by now."""
    values = {}
    for name, tensor in module.named_parameters():
        recorder.ledger.note(tensor).category = "parameters"
        values[name] = recorder.enter(tensor, "parameter", name)
    for name, buffer in module.named_buffers():
        recorder.ledger.note(buffer).category = "buffers"
        recorder.enter(buffer, "buffer", name)
    for twin in twins:
        if not recorder.ledger.knows(twin):
            recorder.ledger.note(twin).category = "buffers"
    return values


def _enter_gradients(module: nn.Module, recorder: Recorder) -> dict[str, Value]:
    """Name what the parameters hold after the backward pass."""
    gradients = {}
    for name, parameter in module.named_parameters():
        if parameter.grad is not None:
            recorder.ledger.note(parameter.grad).category = "gradients"
            gradients[name] = recorder.find(parameter.grad)
    return gradients


def _fill_workspaces(recorder: Recorder) -> None:
    """What an LSTM keeps for its gradient has no size on stand-ins."""
    for operation in recorder.operations:
        if operation.name == "mkldnn_rnn_layer":
            recorder.ledger.allocations[operation.outputs[3].storage].bytes = count_workspace(operation)


def _run(
    module: nn.Module,
    feed: Mapping[str | int, Tensor],
    recorder: Recorder,
    *,
    backward: bool,
    autocast: torch.dtype | None,
) -> list[Value]:
    places = [tensor for key, tensor in feed.items() if isinstance(key, int)]
    keywords = {key: tensor for key, tensor in feed.items() if isinstance(key, str)}
    device = next(iter(feed.values())).device.type
    with torch.autograd.graph.saved_tensors_hooks(recorder.pack, lambda tensor: tensor), recorder:
        with torch.autocast(device, autocast or torch.bfloat16, enabled=autocast is not None):
            result = module(*places, **keywords)
            recorder.mark()
            tensors = list(find_tensors(result))
            outputs = [recorder.find(tensor) for tensor in tensors]
            if not backward:
                return outputs
            recorder.phase = "loss"
            loss = _lose(tensors, recorder)
        if loss is None:
            return outputs
        recorder.phase = "backward"
        del tensors
        loss.backward()  # type: ignore[no-untyped-call]
    return outputs


def _lose(tensors: list[Tensor], recorder: Recorder) -> Tensor | None:
    """The loss that training would take: cross-entropy over the second axis of every output, or the mean of a flat one.

    Its targets, class indices, are the task's and lie in memory too.
    """
    losses = []
    for tensor in tensors:
        if not (tensor.requires_grad and tensor.dtype.is_floating_point):
            continue
        if tensor.dim() < 2:
            losses.append(tensor.mean())
            continue
        target = torch.empty((tensor.shape[0], *tensor.shape[2:]), dtype=torch.int64, device=tensor.device)
        recorder.ledger.note(target).category = "target"
        losses.append(F.cross_entropy(tensor.float(), target))
    return sum(losses[1:], losses[0]) if losses else None


def find_tensors(result: Any) -> Iterator[Tensor]:
    """Every tensor in what a module returned: lists, tuples and dicts of them too."""
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, Mapping):
        for item in result.values():
            yield from find_tensors(item)
    elif isinstance(result, list | tuple):
        for item in result:
            yield from find_tensors(item)


__all__ = ["Mode", "Trace", "find_tensors", "make_stand_in", "trace"]
