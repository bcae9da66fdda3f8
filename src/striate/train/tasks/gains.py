"""How much restoring gains: restored samples against the damaged ones themselves, with intervals by the bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.train.tasks.residuals import draw_places, find_interval


def measure_gains(pairs: NDArray[np.floating[Any]], seed: int = 0) -> dict[str, Any]:
    """Measure the mean merit of restored and of damaged samples, and of the difference, each with its interval.

    `pairs` are rows of the two; those that hold NaN, of silent samples, are left out and counted as `silent`. Also the
    share of samples that became `better`.

    >>> found = measure_gains(np.array([[20.0, 10.0], [30.0, 24.0]]))
    >>> found["restored"], found["damaged"], found["gain"], found["better"]
    (25.0, 17.0, 8.0, 1.0)
    """
    known = np.asarray(pairs, np.float64)[~np.isnan(pairs).any(1)]
    found: dict[str, Any] = {"silent": int(len(pairs) - len(known))}
    if not len(known):
        known = np.zeros((1, 2))
    columns = {"restored": known[:, 0], "damaged": known[:, 1], "gain": known[:, 0] - known[:, 1]}
    places = draw_places(len(known), seed)
    for name, values in columns.items():
        found[name] = float(values.mean())
        found[f"{name}_interval"] = find_interval(values[places].mean(1))
    found["better"] = float((columns["gain"] > 0).mean())
    return found
