"""What samples cost without a network: counted by loops."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from striate.data.levels import SILENT
from striate.report.outcomes.plain_costs import measure_plain_costs

Bytes = NDArray[np.uint8]


def draw(count: int, seed: int) -> Bytes:
    random = np.random.default_rng(seed)
    levels = np.clip(np.cumsum(random.integers(-2, 3, (count, 1, 30)), axis=2) + SILENT, 0, 255).astype(np.uint8)
    levels[:, :, 20:] = SILENT
    return levels


def list_symbols(levels: Bytes, padded: bool) -> tuple[list[int], list[int]]:
    """The levels, and the changes, one by one."""
    own, changes = [], []
    for row in levels[:, 0].tolist():
        while padded and row and row[-1] == SILENT:
            row.pop()
        for place, level in enumerate(row):
            own.append(level)
            changes.append(level - (row[place - 1] if place else SILENT))
    return own, changes


def code(trained: list[int], held: list[int], symbols: int) -> float:
    counts = Counter(trained)
    return sum(-math.log2((counts[each] + 1) / (len(trained) + symbols)) for each in held) / len(held)


@pytest.mark.parametrize("padded", [True, False])
def test_costs_are_those_of_loops(padded: bool) -> None:
    trained, held = draw(12, 0), draw(5, 1)
    found = measure_plain_costs(trained, held, padded)
    (own, changes), (held_own, held_changes) = list_symbols(trained, padded), list_symbols(held, padded)
    assert found["uniform"] == 8
    assert found["shares"] == pytest.approx(code(own, held_own, 256))
    assert found["previous"] == pytest.approx(code(changes, held_changes, 511))
    share = (own.count(SILENT) + 1) / (len(own) + 256)
    bits = [-math.log2(share if level == SILENT else (1 - share) / 255) for level in held_own]
    assert found["silence"] == pytest.approx(sum(bits) / len(bits))
    assert found["previous"] < found["shares"] < 8


def test_levels_that_training_lacked_cost_much_but_not_everything() -> None:
    found = measure_plain_costs(np.full((3, 1, 50), 9, np.uint8), np.full((1, 1, 4), 200, np.uint8), False)
    assert 8 < found["shares"] < 20
    assert np.isfinite(list(found.values())).all()
