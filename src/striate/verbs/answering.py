"""What answers for a run: its module made ready in torch, or another runtime that reads its export.

Left to itself (`auto`), long work is probed for the precision, layout and threads that answer fastest; little work, and
`torch`, are done on the engine that the run was trained on, whose answers are its own result's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.verbs.backends import BACKENDS, open_backend

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from striate.engine import Engine, Pins
    from striate.train.batches import Samples
    from striate.verbs.runs import Run

ENGINES = ("auto", "torch", *BACKENDS)
PROBE_SECONDS = 1.0
WORTH_SECONDS = 20.0  # work that a probe, with the copies that it makes ready, can shorten by more than it takes
_TIMED = 8  # inputs that tell how long the work will take
_CHAINED = 200  # batches from which on compiled chains are tried: they cost five, and win a twentieth of a full one

Hear = Callable[[int, int], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """What shall answer: the name of a runtime, or an engine; and what is settled of it."""

    engine: str | Engine = "auto"
    precision: str | None = None
    layout: str | None = None
    threads: int | None = None

    def read_pins(self) -> Pins:
        """What is settled, checked.

        Raises:  InputError for values that no machine has.
        """
        from striate.verbs.choosing import read_pins

        return read_pins(self.precision, self.layout, self.threads)


@dataclass(frozen=True)
class Answerer:
    """A module that answers, the engine under which it is run, and what to call that."""

    module: nn.Module
    engine: Engine
    label: str


def answer(
    run: Run, inputs: NDArray[Any], choice: Choice, on_score: Hear | None = None, say: Say | None = None
) -> tuple[NDArray[np.float32], str]:
    """The run's outputs (class scores) for bytes, or floats from 0 to 1, and what worked them out.

    `say` hears where that is another precision than the run was trained in.

    Raises:  InputError for a runtime that isn't known or installed, or can't do what is asked.
    """
    from striate.train import compute_logits

    found = choose_answerer(run, inputs, choice)
    trained, precision = run.engine.precision, found.label.replace(",", " ").split()
    if say and trained not in precision:
        say(f"answered by {found.label}; the run was trained in {trained}, which --engine torch keeps")
    outputs = compute_logits(
        found.module, inputs, run.recipe, found.engine, on_progress=on_score, task=run.task, condensed=True
    )
    return outputs, found.label


def keep(
    run: Run, samples: Samples, choice: Choice, first: int = 0, on_score: Hear | None = None
) -> tuple[NDArray[np.float32], str]:
    """What the run's task keeps of its outputs for samples that are judged, and what worked them out.

    `first` is the place of the first of them in its part.
    """
    from striate.train.inference import compute_kept

    found = choose_answerer(run, samples.inputs.numpy(), choice)
    kept = compute_kept(
        found.module, samples, run.recipe, found.engine, on_progress=on_score, task=run.task, first=first
    )
    return kept, found.label


def choose_answerer(run: Run, inputs: NDArray[Any], choice: Choice) -> Answerer:
    """Make ready what shall answer."""
    from striate.engine.chaining import Chained
    from striate.train.inference import make_ready

    pins = choice.read_pins()
    if isinstance(choice.engine, str) and choice.engine not in ENGINES:
        raise InputError(f"--engine is {choice.engine}, needed one of {', '.join(ENGINES)}. Change it")
    own = pins.settle(replace(run.engine, compiled=False))
    if choice.engine in BACKENDS:
        session = open_backend(str(choice.engine), run, pins)
        threads = pins.threads or run.engine.threads
        return Answerer(session, replace(own, device="cpu", precision="fp32", threads=threads), session.label)
    if not isinstance(choice.engine, str):
        own = pins.settle(replace(choice.engine, compiled=choice.engine.compiled and choice.engine.is_cpu))
    elif choice.engine == "auto" and len(inputs):
        own = _choose_engine(run, inputs, own, pins)
    ready = make_ready(run.module, inputs[:2], run.recipe, own) if len(inputs) else run.module
    return Answerer(ready, own, replace(own, compiled=isinstance(ready, Chained)).label)


def _choose_engine(run: Run, inputs: NDArray[Any], own: Engine, pins: Pins) -> Engine:
    """The run's own engine for little work; for more, the one that answers a batch of these inputs fastest."""
    import torch

    from striate.engine import tune
    from striate.train import compute_logits
    from striate.train.batches import normalise
    from striate.train.inference import count_rows, make_ready

    few = inputs[:_TIMED]
    if len(few) == len(inputs):
        return own
    ready = make_ready(run.module, few, run.recipe, own)
    compute_logits(ready, few, run.recipe, own, task=run.task)
    start = time.perf_counter()
    compute_logits(ready, few, run.recipe, own, task=run.task)
    if (time.perf_counter() - start) * len(inputs) / len(few) < WORTH_SECONDS:
        return own
    rows = count_rows(inputs.shape)
    if math.ceil(len(inputs) / rows) < _CHAINED:
        pins = replace(pins, compiled=False)
    batch = normalise(torch.from_numpy(inputs[:rows].copy()), run.recipe)
    return tune(run.module, batch, pins, device=own.device, forward=True, seconds=PROBE_SECONDS).engine
