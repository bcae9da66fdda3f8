"""A run's window slid over an input at several scales: cut out place by place, or by the network itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.verbs.runs import Run
from striate.verbs.scoring import Hear, score_array

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from striate.locate import Sweep
    from striate.nets.convert import SlidingWindow

STEPS = 8  # to a window, where windows are cut out
TILE_CELLS = 2**19  # of an input that a network slides over at once: its maps of some 64 channels take 128 MiB each


def make_sliding(run: Run, dense: bool | None) -> SlidingWindow | None:
    """The run's network as one that slides, if it is wanted; None where windows are to be cut out.

    Raises:  InputError where it is asked for, and can't be had.
    """
    from striate.nets.convert import fully_convolutional
    from striate.train.inference import eval_mode

    if dense is False:
        return None
    try:
        with eval_mode(run.module):
            sliding = fully_convolutional(run.module, run.input)
    except InputError:
        if dense:
            raise
        return None
    if run.recipe.mirror or run.recipe.nudge:
        views = "a prediction is the mean over a window and its mirror image or moved copies, sliding takes it as it is"
        sliding.exact, sliding.why = False, "; ".join(filter(None, [sliding.why, views]))
    return sliding if dense or sliding.exact else None


def count_positions(run: Run, extents: tuple[int, ...], sliding: SlidingWindow | None) -> int:
    """How many windows an input of these extents has."""
    from striate.locate import count_windows

    if sliding is None:
        return count_windows(extents, run.input[1:], _find_step(run))
    return prod(_count_cells(extents, sliding))


def sweep_scales(
    run: Run,
    values: NDArray[Any],
    scales: Sequence[float],
    sliding: SlidingWindow | None,
    on_windows: Hear | None = None,
) -> list[Sweep]:
    """The class probabilities of every window at each scale; `on_windows(done, total)` hears of each batch."""
    from striate.locate import rescale, scale_extents

    counts = [count_positions(run, scale_extents(values.shape[1:], scale), sliding) for scale in scales]
    sweeps: list[Sweep] = []
    for number, scale in enumerate(scales):

        def hear(done: int, before: int = sum(counts[:number])) -> None:
            if on_windows:
                on_windows(before + done, sum(counts))

        level = rescale(values, scale)
        sweeps.append(
            _ask_crops(run, level, scale, hear) if sliding is None else _slide(run, sliding, level, scale, hear)
        )
    return sweeps


def _find_step(run: Run) -> tuple[int, ...]:
    return tuple(max(1, size // STEPS) for size in run.input[1:])


def _ask_crops(run: Run, level: NDArray[Any], scale: float, hear: Callable[[int], None]) -> Sweep:
    from striate.locate import sweep_crops

    return sweep_crops(lambda crops: score_array(run, crops), level, run.input[1:], _find_step(run), scale, hear)


def _slide(run: Run, sliding: SlidingWindow, level: NDArray[Any], scale: float, hear: Callable[[int], None]) -> Sweep:
    """Let the network slide over one scale, tile by tile, in the precision and on the device that the run has."""
    import numpy as np
    import torch

    from striate.engine import place_module, use_threads
    from striate.locate import sweep_map
    from striate.train.inference import eval_mode

    counts, done = _count_cells(level.shape[1:], sliding), 0
    found = np.empty((len(run.classes), *counts), dtype=np.float32)
    place_module(sliding, run.engine)
    with eval_mode(sliding), use_threads(run.engine), torch.inference_mode():
        for cells, window in _cut_tiles(counts, sliding):
            answers = _answer(run, sliding, level[:, *window])
            found[:, *cells] = answers.numpy()
            done += prod(answers.shape[1:])
            hear(done)
    return sweep_map(found, level, sliding.window, sliding.step, scale)


def _count_cells(extents: Sequence[int], sliding: SlidingWindow) -> tuple[int, ...]:
    axes = zip(extents, sliding.window, sliding.step, strict=True)
    return tuple((extent - size) // step + 1 for extent, size, step in axes)


def _cut_tiles(
    counts: tuple[int, ...], sliding: SlidingWindow
) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """Blocks of output cells, and for each the input's cells that its windows cover."""
    factor = max(1.0, (TILE_CELLS / prod(sliding.window)) ** (1 / len(counts)))
    ranges = []
    for count, size, step in zip(counts, sliding.window, sliding.step, strict=True):
        most = int((factor - 1) * size / step) + 1
        ranges.append([(first, min(first + most, count), size, step) for first in range(0, count, most)])
    for tile in product(*ranges):
        cells = tuple(slice(first, last) for first, last, _, _ in tile)
        yield cells, tuple(slice(first * step, (last - 1) * step + size) for first, last, size, step in tile)


def _answer(run: Run, sliding: SlidingWindow, tile: NDArray[Any]) -> Tensor:
    """Probabilities [classes, *positions]."""
    import torch

    from striate.engine import cast, place_batch
    from striate.train.batches import normalise, read_inputs

    recipe, engine = run.recipe, run.engine
    batch = place_batch(normalise(read_inputs(tile[None], recipe).to(engine.device), recipe), engine)
    with cast(engine):
        logits = sliding(batch)[0].float()
    return torch.softmax(logits.double(), dim=0).float().cpu()
