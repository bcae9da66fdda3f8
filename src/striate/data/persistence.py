"""What needs no network to be said of a series: that it goes on as it was. A model that is worse has learned nothing.

Source: Hyndman and Athanasopoulos 2021, "Forecasting: principles and practice", 3rd edition, section 5.2 (the naive
method).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Inputs


def repeat_last(inputs: Inputs, reading: Mapping[str, Any] | None) -> NDArray[Any] | None:
    """The answers of a series that goes on as it was, by windows [N, columns, rows] and how they were read.

    Where values are asked, the target's last one, for each row ahead; where its direction is, the direction of as many
    rows before (of the window's own, where it is shorter). None where classes are asked, and for what is no series.

    Shape: float32 [N, horizon]; int64 [N] of directions.

    >>> window = np.float32([[[1, 2, 3], [5, 9, 7]]])
    >>> plan = {"kind": "series", "columns": ["volume", "close"], "target": "close", "aim": "value", "horizon": 2}
    >>> repeat_last(window, plan).tolist(), repeat_last(window, {**plan, "aim": "direction"}).tolist()
    ([[7.0, 7.0]], [1])
    """
    if reading is None or reading.get("kind") != "series" or reading["aim"] == "class":
        return None
    told = inputs[:, list(reading["columns"]).index(reading["target"])]
    horizon = int(reading["horizon"])
    if reading["aim"] == "value":
        return np.repeat(told[:, -1:], horizon, axis=1)
    return (told[:, -1] > told[:, -1 - min(horizon, told.shape[1] - 1)]).astype(np.int64)
