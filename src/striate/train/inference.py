"""A network's answers to many inputs, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.engine import Engine, cast, place_batch, place_module, use_threads
from striate.errors import InputError
from striate.train.batches import Array, normalise, read_inputs
from striate.train.loss import split_heads
from striate.train.recipe import Recipe

_BATCH_ELEMENTS = 2**24


def compute_logits(
    module: nn.Module,
    inputs: Array,
    recipe: Recipe,
    engine: Engine,
    batch: int = 512,
    on_progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """The class scores before the softmax, in eval mode; with `recipe.mirror` the mean of those of the mirrored input.

    The inputs are as `fit` takes them. A batch is smaller than `batch` where the inputs are large. The module is placed
    on the engine; whether it and each part of it was training stays. `on_progress(done, total)` hears of each batch.

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
    rows = max(1, min(batch, _BATCH_ELEMENTS // max(1, math.prod(data.shape[1:]))))
    place_module(module, engine)
    with eval_mode(module), use_threads(engine), torch.inference_mode():
        parts = []
        for start in range(0, len(data), rows):
            parts.append(_answer(module, data[start : start + rows], recipe, engine))
            if on_progress:
                on_progress(min(start + rows, len(data)), len(data))
    return np.concatenate(parts)


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


def _answer(module: nn.Module, part: Tensor, recipe: Recipe, engine: Engine) -> NDArray[np.float32]:
    batch = place_batch(normalise(part.to(engine.device), recipe), engine)
    with cast(engine):
        logits = split_heads(module(batch))[0].float()
        if recipe.mirror:
            logits = (logits + split_heads(module(batch.flip(-1)))[0].float()) / 2
    result: NDArray[np.float32] = logits.cpu().numpy()
    return result
