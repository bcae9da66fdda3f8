"""The loss of a network over samples of its data, exactly: summed in float64, the same whatever the rows at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.question import scores_of
from striate.explain.untouched import untouched


@dataclass(frozen=True)
class Samples:
    """Inputs [count, channels, *extents] with the class of each, of which `rows` pass at a time."""

    inputs: Tensor
    labels: Tensor
    rows: int

    def __len__(self) -> int:
        """How many there are."""
        return len(self.inputs)


def fetch_samples(look: Look, count: int, rows: int) -> Samples:
    """Fetch samples with their classes from the data of a look.

    Raises:  InputError where there are none, or their labels aren't classes.
    """
    if count < 1 or rows < 1:
        raise InputError(f"samples: found {count}, {rows} at a time; needed 1 or more of each")
    if look.fetch is None:
        raise InputError("samples: found no data, needed inputs with labels to take the loss of. Name a data set")
    inputs, labels = look.fetch(count)
    if labels.is_floating_point() or labels.ndim != 1 or not len(labels):
        raise InputError("samples: found labels that aren't classes, needed one class each. Name another data set")
    return Samples(inputs, labels.long(), rows)


def measure_loss(module: nn.Module, samples: Samples, name: str = "network") -> float:
    """The mean cross-entropy in eval mode; infinite where it isn't a finite number.

    Raises:  InputError where the network can't take the inputs, or knows fewer classes than there are.
    """
    place = next(iter(module.parameters()), samples.inputs)
    total = 0.0
    with untouched(module), torch.no_grad():
        for start in range(0, len(samples), samples.rows):
            some = slice(start, start + samples.rows)
            inputs = samples.inputs[some].to(device=place.device, dtype=place.dtype)
            scores = _score(module, inputs, name).double()
            labels = samples.labels[some].to(scores.device)
            _check_labels(labels, scores.shape[1], name)
            total += float(F.cross_entropy(scores, labels, reduction="sum"))
    return total / len(samples) if math.isfinite(total) else math.inf


def _score(module: nn.Module, inputs: Tensor, name: str) -> Tensor:
    try:
        return scores_of(module, inputs)
    except RuntimeError as problem:
        shape = "x".join(map(str, inputs.shape[1:]))
        raise InputError(f"{name}: can't take inputs of {shape}: {str(problem).splitlines()[0]}") from problem


def _check_labels(labels: Tensor, classes: int, name: str) -> None:
    if int(labels.min()) < 0 or int(labels.max()) >= classes:
        raise InputError(f"{name}: found labels up to {int(labels.max())}, needed classes from 0 to {classes - 1}")
