"""Sequences written on: the network tells the next sample, one is drawn, and it is given to the network in its turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.data.levels import SILENT
from striate.engine import Engine, use_threads
from striate.train.batches import normalise
from striate.train.generating.drawing import draw_levels, draw_numbers
from striate.train.generating.queues import is_streaming, make_streaming
from striate.train.inference import eval_mode
from striate.train.recipe import Recipe

Bytes = NDArray[np.uint8]
_TOLD = 64  # samples between two words on how far it is
_ALONE = Engine(threads=1)  # a moment is too little work to share: threads would wait for each other at every layer


def generate_levels(
    module: nn.Module,
    starts: Sequence[Bytes],
    count: int,
    recipe: Recipe,
    temperatures: Sequence[float],
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Bytes:
    """Write each sequence on by `count` levels; before the first of a start was silence.

    The random numbers of sequence i are a function of (seed, i). A network of causal convolutions is given one moment
    at a time; any other is given all that there is so far, which takes the square of the length. Starts of different
    lengths are alike to it only where they are written on one by one, so these must be of one length.

    Shape:   starts are uint8 [length], all of one; the result is uint8 [len(starts), count].
    Raises:  RunError for scores that aren't finite.
    """
    late = np.stack([np.concatenate([[np.uint8(SILENT)], start]) for start in starts]).astype(np.uint8)
    numbers = torch.from_numpy(draw_numbers(seed, len(starts), count))
    heat = torch.tensor(temperatures, dtype=torch.float64)
    drawn = np.zeros((len(starts), count), np.uint8)
    alone = use_threads(_ALONE) if is_streaming(module) else nullcontext()
    with eval_mode(module), torch.inference_mode(), alone:
        tell = _make_teller(module, recipe)
        scores = tell(torch.from_numpy(late))
        for place in range(count):
            levels = draw_levels(scores, numbers[:, place], heat)
            drawn[:, place] = levels.numpy()
            if on_progress and (place % _TOLD == 0 or place == count - 1):
                on_progress(place + 1, count)
            if place < count - 1:
                scores = tell(levels[:, None].to(torch.uint8))
    return drawn


def _make_teller(module: nn.Module, recipe: Recipe) -> Callable[[Tensor], Tensor]:
    """What gives the scores of the next level, told the levels that came since it was last asked."""
    if is_streaming(module):
        network = make_streaming(module)
        return lambda levels: _ask(network, levels, recipe)
    so_far: list[Tensor] = []

    def tell(levels: Tensor) -> Tensor:
        so_far.append(levels)
        return _ask(module, torch.cat(so_far, 1), recipe)

    return tell


def _ask(network: nn.Module, levels: Tensor, recipe: Recipe) -> Tensor:
    place = next(network.parameters()).device
    outputs: Tensor = network(normalise(levels[:, None].to(place), recipe))
    return outputs[:, :, -1].float().cpu()
