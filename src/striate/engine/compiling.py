"""torch.compile, where it can pay: it takes a compiler, and tens of seconds to start."""

from __future__ import annotations

import copy
import importlib.util
import os
import shutil
import statistics
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from striate.engine.choice import Engine, place_batch, place_module
from striate.engine.spanning import span
from striate.engine.stepping import take_step

WORTH_SECONDS = 600.0  # a shorter run can't win back the start: tens of seconds at first, at best a third of a step
_ROUNDS = 3


@dataclass(frozen=True)
class Compiled:
    """How long a compiled module takes to start, and one step of it and of the same engine eager, in seconds."""

    start: float
    step: float
    eager: float

    @property
    def is_faster(self) -> bool:
        """Whether a step is, by 5 % at least.

        >>> Compiled(start=1.0, step=0.9, eager=1.0).is_faster, Compiled(1.0, 0.99, 1.0).is_faster
        (True, False)
        """
        return self.step * 1.05 <= self.eager

    def pays(self, seconds: float) -> bool:
        """Whether a run that takes `seconds` eager ends sooner compiled, by 5 % of its steps at least.

        >>> Compiled(start=30.0, step=0.8, eager=1.0).pays(seconds=100), Compiled(30.0, 0.8, 1.0).pays(seconds=1000)
        (False, True)
        """
        return self.is_faster and self.start + seconds * self.step / self.eager < seconds


def can_compile(device: str) -> bool:
    """Whether torch.compile has what it needs here: a C++ compiler, on CUDA Triton too."""
    compilers = [os.environ.get("CXX", ""), "g++", "clang++", "c++"]
    found = any(name and shutil.which(name) for name in compilers)
    return found and (torch.device(device).type == "cpu" or importlib.util.find_spec("triton") is not None)


def make_forward(module: nn.Module, engine: Engine) -> Callable[..., Any]:
    """What to call for the module's outputs in training: itself, or its compiled form, which shares its weights.

    On a CPU, convolutions that span their whole input are worked out as products (`span`).

    Each shape of batch is compiled for itself: what a step computes then depends on its batch alone, not on the batches
    that came before.
    """
    if not engine.compiled:
        return span(module) if engine.is_cpu else module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled: Callable[..., Any] = torch.compile(module, dynamic=False)
    return compiled


def time_compiled(module: nn.Module, batch: Tensor, engine: Engine) -> Compiled | None:
    """Compile a copy for training on this very batch, and time it in turns with the same copy eager.

    None where it can't be compiled. Cost: the start, tens of seconds where nothing is cached, and three steps of each.
    """
    copied = place_module(copy.deepcopy(module), engine).train()
    placed = place_batch(batch.detach(), engine)
    forward, eager = (make_forward(copied, replace(engine, compiled=each)) for each in (True, False))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = take_step(forward, copied, placed, engine)
            take_step(eager, copied, placed, engine)
            pairs = [
                (take_step(forward, copied, placed, engine), take_step(eager, copied, placed, engine))
                for _ in range(_ROUNDS)
            ]
    except Exception:  # a compiler raises what it raises; without it the run goes on
        return None
    step, eager = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Compiled(max(0.0, start - step), step, eager)
