"""A network's answers to many inputs, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.engine import Engine, cast, find_ready, is_ready, place_batch, place_module, prepare, use_threads
from striate.errors import InputError, RunError
from striate.train.batches import Array, Samples, normalise, read_inputs
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
    condensed: bool = False,
) -> NDArray[Any]:
    """The class scores before the softmax, in eval mode; the mean over the recipe's views of an input.

    With another task, the outputs as they come from the network, or what it makes of them where they are `condensed`.

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

    def work(places: slice) -> Tensor:
        outputs = _answer(module, data[places].to(engine.device), recipe, engine, task)
        return task.condense(outputs) if condensed else outputs

    return _work_through(work, data, module, engine, _limit(batch, task), on_progress)


def compute_kept(
    module: nn.Module,
    samples: Samples,
    recipe: Recipe,
    engine: Engine,
    batch: int = 512,
    on_progress: Callable[[int, int], None] | None = None,
    task: Task = CLASSIFY,
    first: int = 0,
) -> NDArray[np.float32]:
    """What the task keeps of its outputs for samples that are judged; most tasks keep them all.

    The samples are as `read_samples` gives them; `first` is the place, in its part, of the first of them.

    Shape: [count, ...].

    Raises:
        ShapeError: where the network yields something else than the task needs.

    >>> recipe = Recipe(epochs=1, mean=(0.0,), std=(1.0,))
    >>> module = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    >>> samples = Samples(torch.zeros(5, 1, 4, dtype=torch.uint8), torch.zeros(5, dtype=torch.int64))
    >>> compute_kept(module, samples, recipe, Engine()).shape
    (5, 3)
    """

    def work(places: slice) -> Tensor:
        rows = torch.arange(places.start, places.stop)
        held, wanted = (each[places].to(engine.device) for each in (samples.inputs, samples.labels))
        inputs, targets = task.hold_out(held, wanted, rows + first, recipe)
        return task.keep(_answer(module, inputs, recipe, engine, task), targets, inputs, recipe)

    return _work_through(work, samples.inputs, module, engine, _limit(batch, task), on_progress)


def _limit(batch: int, task: Task) -> tuple[int, int]:
    """How many inputs, and how many of their cells, are answered at a time: fewer of what is as large as the inputs."""
    few = min(batch, 64), _BATCH_ELEMENTS // max(16, task.outputs_per_cell)
    return (batch, _BATCH_ELEMENTS) if task.keeps_outputs else few


def _work_through(
    work: Callable[[slice], Tensor],
    data: Tensor,
    module: nn.Module,
    engine: Engine,
    limits: tuple[int, int],
    on_progress: Callable[[int, int], None] | None,
) -> NDArray[Any]:
    """The rows that `work` gives for some of the data at a time: fewer where memory runs out."""
    if not len(data):
        raise InputError("inputs: there are none; at least one is needed.")
    rows = count_rows(data.shape, *limits)
    ready = is_ready(module, engine)
    if not ready:
        place_module(module, engine)
    with nullcontext() if ready else eval_mode(module), use_threads(engine), torch.inference_mode():
        whole: NDArray[Any] | None = None
        start = 0
        while start < len(data):
            places = slice(start, min(start + rows, len(data)))
            found = attempt(partial(_fetch, work, places))
            if found is None:
                rows = _halve(rows)
                continue
            if whole is None:  # small parts kept between large ones that come and go would scatter the memory
                whole = np.empty((len(data), *found.shape[1:]), found.dtype)
            whole[places] = found
            start = places.stop
            if on_progress:
                on_progress(start, len(data))
    assert whole is not None
    return whole


def _fetch(work: Callable[[slice], Tensor], places: slice) -> NDArray[Any]:
    rows: NDArray[Any] = work(places).cpu().numpy()
    return rows


def _halve(rows: int) -> int:
    """Fewer inputs at a time. Raises: RunError where there was one already."""
    if rows == 1:
        raise RunError("out of memory, even with one input at a time. Free memory, or make the inputs smaller.")
    return rows // 2


def make_ready(module: nn.Module, inputs: Array, recipe: Recipe, engine: Engine) -> nn.Module:
    """A copy of `module` that answers `compute_logits` faster, as `prepare` makes it; `inputs` are a few of them."""
    known = find_ready(module, engine)
    return known or prepare(module, engine, normalise(read_inputs(inputs, recipe).to(engine.device), recipe))


def count_rows(shape: Sequence[int], batch: int = 512, cells: int | None = None) -> int:
    """How many inputs of [count, channels, *extents] are answered at a time.

    >>> count_rows((10_000, 3, 32, 32)), count_rows((10_000, 3, 224, 224))
    (512, 111)
    """
    return max(1, min(batch, (cells or _BATCH_ELEMENTS) // max(1, math.prod(shape[1:]))))


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


def _answer(module: nn.Module, part: Tensor, recipe: Recipe, engine: Engine, task: Task) -> Tensor:
    batch = place_batch(normalise(part, recipe), engine)
    with cast(engine):
        return answer(lambda view: task.split(module(view))[0].float(), batch, recipe)
