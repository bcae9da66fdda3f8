"""Into how many parts a batch must go so that a training step fits: predicted, before any memory is taken."""

from __future__ import annotations

from typing import cast

from torch import nn

from striate.errors import InputError
from striate.measure.fit import predict_peak
from striate.measure.measurement import Precision
from striate.measure.scratch import Optimizer
from striate.train.splitting import split_further

MARGIN = 0.9  # of what is free; the rest is for what no prediction knows


def choose_parts(
    module: nn.Module,
    shape: tuple[int, ...],
    batch: int,
    free: int,
    optimizer: str = "momentum",
    precision: str = "fp32",
) -> tuple[int, int]:
    """Parts of a batch of which each is predicted to fit into `free` bytes, and the whole batch's bytes.

    What a run holds beside a step is counted in: the state to go back to, the averaged weights, the gradients that add
    up. The module's own weights are there already. A module that can't be traced is taken to fit.

    Shape:   `shape` is channels x extents.
    Cost:    one trace per doubling, no tensor memory.

    >>> choose_parts(nn.Linear(4, 8), (4,), batch=64, free=8000)
    (2, 10536)
    """
    state = sum(value.nbytes for value in module.state_dict().values())
    known, kind = cast(Optimizer, optimizer), cast(Precision, precision)
    parts, whole = 1, 0
    while True:
        try:
            step = predict_peak(module, shape, -(-batch // parts), optimizer=known, precision=kind).peak
        except InputError:
            return parts, whole
        need = step + 3 * state
        whole = whole or need
        further = split_further(parts, batch)
        if need <= MARGIN * free or further is None:
            return parts, whole
        parts = further
