from __future__ import annotations

from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest

from striate.report.history import find_best, read_column, read_epochs


def test_the_best_is_that_of_a_loop() -> None:
    values = [0.2, nan, 0.7, inf, 0.7, 0.1]
    history: list[dict[str, Any]] = [{"epoch": 10 + i, "validation_accuracy": v} for i, v in enumerate(values)]
    for largest, sign in ((True, 1), (False, -1)):
        best = (-inf, 0)
        for record in history:
            if record["validation_accuracy"] < inf and sign * record["validation_accuracy"] > best[0]:
                best = (sign * record["validation_accuracy"], record["epoch"])
        assert find_best(history, "validation_accuracy", largest) == (sign * best[0], best[1])
    assert find_best(history, "train_loss") is None


def test_numbers_of_any_kind_count() -> None:
    values: list[Any] = [0.25, 1, np.float32(0.5), np.int64(3)]
    assert read_column([{"lr": value} for value in values], "lr") == tuple(float(value) for value in values)


@pytest.mark.parametrize("value", [None, nan, inf, "0.5", []])
def test_what_is_no_number_is_not_known(value: object) -> None:
    assert isnan(read_column([{"lr": value}], "lr")[0])


def test_records_without_an_epoch_count_by_their_place() -> None:
    assert read_epochs([{"epoch": 4}, {}, {"epoch": None}]) == (4, 2, 3)
