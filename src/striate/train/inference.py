"""A network's answers to many inputs, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.engine import Engine, cast, is_ready, place_batch, place_module, prepare, use_threads
from striate.errors import InputError, RunError
from striate.train.batches import Array, normalise, read_inputs
from striate.train.recipe import Recipe
from striate.train.splitting import attempt
from striate.train.tasks import CLASSIFY, Task
from striate.train.views import answer

_BATCH_ELEMENTS = 2**24


def compute_logits(
    module: nn.Module,
    inputs: Array,
    recipe: Recipe,
    engine: Engine,
    batch: int = 512,
    on_progress: Callable[[int, int], None] | None = None,
    task: Task = CLASSIFY,
) -> NDArray[np.float32]:
    """The class scores before the softmax, in eval mode; the mean over the recipe's views of an input.

    With another task, the outputs as they come from the network.

    The inputs are as `fit` takes them. A batch is smaller than `batch` where the inputs are large, or memory runs out.
    The module is placed on the engine; whether it and each part of it was training stays. `on_progress(done, total)`
    hears of each batch.

    Shape: [count, classes].

    Raises:
        ShapeError: where the network doesn't yield one row of class scores per input.
        InputError: for inputs of another type, or that don't fit the recipe's channels.

    >>> recipe = Recipe(epochs=1, mean=(0.0,), std=(1.0,))
    >>> module = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    >>> compute_logits(module, np.zeros((5, 1, 4), dtype=np.uint8), recipe, Engine()).shape
    (5, 3)
    """
    data = read_inputs(inputs, recipe)
    if not len(data):
        raise InputError("inputs: there are none; at least one is needed.")
    rows = count_rows(data.shape, batch)
    ready = is_ready(module, engine)
    if not ready:
        place_module(module, engine)
    with nullcontext() if ready else eval_mode(module), use_threads(engine), torch.inference_mode():
        parts = []
        start = 0
        while start < len(data):
            found = attempt(partial(_answer, module, data[start : start + rows], recipe, engine, task))
            if found is None:
                rows = _halve(rows)
                continue
            parts.append(found)
            start += rows
            if on_progress:
                on_progress(min(start, len(data)), len(data))
    return np.concatenate(parts)


def _halve(rows: int) -> int:
    """Fewer inputs at a time. Raises: RunError where there was one already."""
    if rows == 1:
        raise RunError("out of memory, even with one input at a time. Free memory, or make the inputs smaller.")
    return rows // 2


def make_ready(module: nn.Module, inputs: Array, recipe: Recipe, engine: Engine) -> nn.Module:
    """A copy of `module` that answers `compute_logits` faster, as `prepare` makes it; `inputs` are a few of them."""
    return prepare(module, engine, normalise(read_inputs(inputs, recipe).to(engine.device), recipe))


def count_rows(shape: Sequence[int], batch: int = 512) -> int:
    """How many inputs of [count, channels, *extents] are answered at a time.

    >>> count_rows((10_000, 3, 32, 32)), count_rows((10_000, 3, 224, 224))
    (512, 111)
    """
    return max(1, min(batch, _BATCH_ELEMENTS // max(1, math.prod(shape[1:]))))


@contextmanager
def eval_mode(module: nn.Module) -> Iterator[None]:
    """A `with` under which the module is in eval mode; each part's mode comes back."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, training in modes.items():
            part.training = training


def _answer(module: nn.Module, part: Tensor, recipe: Recipe, engine: Engine, task: Task) -> NDArray[np.float32]:
    batch = place_batch(normalise(part.to(engine.device), recipe), engine)
    with cast(engine):
        logits = answer(lambda view: task.split(module(view))[0].float(), batch, recipe)
    result: NDArray[np.float32] = logits.cpu().numpy()
    return result
