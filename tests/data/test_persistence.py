from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.data import load_dataset
from striate.data.persistence import repeat_last
from striate.train.baseline import judge_persistence

VALUES = np.random.default_rng(4).normal(0, 3, 400).round(3)


def write(path: Path) -> Path:
    lines = [f"{row},{-row},{value}" for row, value in enumerate(VALUES)]
    path.write_text("\n".join(["time,volume,close", *lines]))
    return path


@pytest.mark.parametrize("horizon", [1, 3])
def test_the_last_value_is_said_again_for_every_row_ahead(tmp_path: Path, horizon: int) -> None:
    found = load_dataset(write(tmp_path / "x.csv"), options={"window": 8, "horizon": horizon})
    part = found.test
    assert part is not None
    answers = repeat_last(part.inputs, found.reading)
    assert answers is not None
    rows = [int(name.rsplit(" ", 1)[-1]) - 1 for name in part.names]  # the last row of each window
    wanted = np.array([[VALUES[row]] * horizon for row in rows])
    assert np.allclose(answers, wanted)
    off = [abs(VALUES[row] - VALUES[row + step]) for row in rows for step in range(1, horizon + 1)]
    baseline = judge_persistence(part.inputs, part.labels, found.reading, numbers=True)
    assert baseline is not None
    assert baseline.median == pytest.approx(np.median(off), rel=1e-5)


@pytest.mark.parametrize(("horizon", "back"), [(1, 1), (3, 3), (20, 7)])
def test_a_direction_is_the_one_of_as_many_rows_before(tmp_path: Path, horizon: int, back: int) -> None:
    options: dict[str, Any] = {"window": 8, "horizon": horizon}
    found = load_dataset(write(tmp_path / "x.csv"), options=options, task="classify")
    part = found.test
    assert part is not None
    answers = repeat_last(part.inputs, found.reading)
    assert answers is not None
    right = 0
    for name, answer, label in zip(part.names, answers, part.labels, strict=True):
        row = int(name.rsplit(" ", 1)[-1]) - 1
        assert answer == (VALUES[row] > VALUES[row - back])
        right += int(answer == label)
    baseline = judge_persistence(part.inputs, part.labels, found.reading, numbers=False)
    assert baseline is not None
    assert (baseline.merit, baseline.median) == (right / len(part), None)


@pytest.mark.parametrize("reading", [None, {"kind": "video"}, {"kind": "series", "aim": "class"}])
def test_where_nothing_goes_on_there_is_no_answer(reading: dict[str, Any] | None) -> None:
    inputs = np.zeros((2, 1, 4), np.float32)
    assert repeat_last(inputs, reading) is None
    assert judge_persistence(inputs, np.zeros(2), reading, numbers=True) is None
