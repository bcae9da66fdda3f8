"""Measuring: a module and the shape of its input become a table."""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch
from torch import nn

from striate.errors import InputError
from striate.measure.inputs import Given, find_device
from striate.measure.memory import estimate_inference, estimate_training
from striate.measure.rows import make_rows
from striate.measure.rules.catalogue import find_rule
from striate.measure.scratch import Optimizer, make_scratch
from striate.measure.table import Table
from striate.measure.trace import Trace, trace

Precision: TypeAlias = Literal["fp32", "bf16"]
TYPES: dict[Precision, torch.dtype | None] = {"fp32": None, "bf16": torch.bfloat16}
OPTIMIZERS: tuple[Optimizer, ...] = ("sgd", "momentum", "adam", "adamw")


def measure(
    module: nn.Module,
    input: Given,
    batch: int = 1,
    *,
    backward: bool = True,
    optimizer: Optimizer = "momentum",
    precision: Precision = "fp32",
    network: str = "",
) -> Table:
    """Measure any module: what each operation costs and sees, and what memory a pass and a training step take.

    The rows follow the module's own mode, train or eval; without `backward` they are those of eval mode, and nothing of
    training is known. The module is left as it was.

    Shape:   `input` is channels x extents without the batch, or a tensor with it; several in a list, or by keyword.
    Cost:    no tensor memory; about 0.3 ms per operation and trace, of which there are two (one without `backward`).
    Raises:  InputError, in one line, where the module can't be run so.

    >>> table = measure(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU()), (3, 32, 32))
    >>> [(row.name, row.kind, row.output, row.parameters, row.multiplies) for row in table.rows]
    [('0', 'conv', (8, 32, 32), 224, 221184), ('1', 'relu', (8, 32, 32), 0, 0)]
    """
    check_settings(batch, optimizer, precision)
    settings = {"autocast": TYPES[precision], "scratch": make_scratch(find_device(module).type)}
    inference = trace(module, input, batch, mode="eval", **settings)  # type: ignore[arg-type]
    training, notes = None, []
    if backward:
        try:
            training = trace(module, input, batch, mode="train", backward=True, **settings)  # type: ignore[arg-type]
        except InputError as problem:
            notes.append(_explain(problem))
    shown = training if training is not None and module.training else inference
    if training is not None and not module.training:
        shown = trace(module, input, batch, mode="eval", backward=True, **settings)  # type: ignore[arg-type]
    return Table(
        network=network or type(module).__name__,
        mode=shown.mode,
        precision=precision,
        input=tuple(value.shape[1:] for value in shown.inputs),
        batch=shown.batch,
        rows=make_rows(shown, backward=training is not None),
        inference_multiplies=_count(inference),
        inference=estimate_inference(inference),
        training=estimate_training(training, optimizer) if training is not None else None,
        notes=tuple(notes),
        trace=shown,
    )


def check_settings(batch: int, optimizer: str, precision: str) -> None:
    """Refuse a batch, an optimiser or a precision that isn't one, in one line."""
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise InputError(f"batch: found {batch!r}, needed a whole number from 1. Change it")
    if optimizer not in OPTIMIZERS:
        raise InputError(f"optimizer: found {optimizer!r}, needed one of {', '.join(OPTIMIZERS)}. Choose one")
    if precision not in TYPES:
        raise InputError(f"precision: found {precision!r}, needed one of {', '.join(TYPES)}. Choose one")


def _explain(problem: InputError) -> str:
    """What runs in eval mode may not train: batch norm over a single value is the usual case."""
    if "more than 1 value per channel" in str(problem):
        return "training isn't measured: batch norm sees a single value per channel here. Measure a batch of 2"
    return f"training isn't measured: {problem}"


def _count(inference: Trace) -> int:
    rules = ((find_rule(operation), operation) for operation in inference.operations)
    return sum(rule.multiplies(operation) for rule, operation in rules if rule is not None and rule.multiplies)
