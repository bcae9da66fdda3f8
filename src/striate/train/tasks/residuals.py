"""How far numbers are from those that they should be, with 95 % intervals by the bootstrap.

The bootstrap draws the held-out samples anew, with repetition, many times: how much a figure changes from draw to draw
is how much it would have changed with other samples.

Source: Efron 1979, "Bootstrap methods: another look at the jackknife", doi:10.1214/aos/1176344552; the percentile
interval is Efron and Tibshirani 1993, "An introduction to the bootstrap", section 13.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
_MOST_CELLS = 2**22  # of a table of draws

Reals = NDArray[np.floating[Any]]
Figure = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def measure_r2(answers: Reals, targets: Reals) -> NDArray[np.float64]:
    """Measure the share of each column's variance that the answers explain: 1 - residual squares / squares about the
    mean.

    A column that never changes has none to explain: 1 where the answers meet it, else 0. Without samples NaN.

    >>> measure_r2(np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]])).tolist()
    [0.5]
    """
    answers, targets = np.asarray(answers, np.float64), np.asarray(targets, np.float64)
    if not len(targets):
        return np.full(targets.shape[1:], np.nan)
    residual = np.square(answers - targets).sum(0)
    total = np.square(targets - targets.mean(0)).sum(0)
    return _explain(residual, total)


def measure_errors(answers: Reals, targets: Reals, seed: int = 0) -> dict[str, Any]:
    """Measure R2, mean and median absolute error, bias and root mean square error of each column; a dict of lists.

    `r2` is the mean over the columns, with `r2_interval`; each column's entry in `outputs` has `r2`, `mae`, `median`,
    `rmse`, `bias`, and the first three with intervals. The draws follow from the seed.
    """
    answers, targets = np.asarray(answers, np.float64), np.asarray(targets, np.float64)
    places = draw_places(len(targets), seed)
    drawn = np.stack([_draw_r2(answers[:, each], targets[:, each], places) for each in range(targets.shape[1])], 1)
    r2 = measure_r2(answers, targets)
    columns = [
        {"r2": float(r2[each]), "r2_interval": find_interval(drawn[:, each])}
        | _measure_column(answers[:, each] - targets[:, each], places)
        for each in range(targets.shape[1])
    ]
    return {"r2": float(r2.mean()), "r2_interval": find_interval(drawn.mean(1)), "outputs": columns}


def draw_places(count: int, seed: int, draws: int = DRAWS) -> NDArray[np.int64]:
    """Which samples each draw takes.

    Shape: [draws, count]; fewer draws of very many samples.
    """
    draws = max(100, min(draws, _MOST_CELLS // max(1, count)))
    return np.random.default_rng([seed, 7]).integers(0, max(1, count), (draws, count))


def find_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of the values that draws gave."""
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _measure_column(residuals: NDArray[np.float64], places: NDArray[np.int64]) -> dict[str, Any]:
    sizes = np.abs(residuals)
    table = sizes[places]
    return {
        "mae": float(sizes.mean()),
        "mae_interval": find_interval(table.mean(1)),
        "median": float(np.median(sizes)),
        "median_interval": find_interval(np.median(table, 1)),
        "rmse": float(np.sqrt(np.square(residuals).mean())),
        "bias": float(residuals.mean()),
    }


def _draw_r2(answers: Reals, targets: Reals, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """R2 of one column in each draw."""
    rows = targets[places]
    residual = np.square(answers - targets)[places].sum(1)
    return _explain(residual, np.square(rows - rows.mean(1, keepdims=True)).sum(1))


def _explain(residual: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    known = total > 0
    return np.where(known, 1 - residual / np.where(known, total, 1), np.where(residual > 0, 0.0, 1.0))
