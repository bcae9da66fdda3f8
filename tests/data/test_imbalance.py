from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.imbalance import UNEVEN, Imbalance, count_classes


@given(st.lists(st.integers(0, 6), max_size=60))
def test_against_a_loop_over_labels(labels: list[int]) -> None:
    found = count_classes(np.array(labels, np.int64), 7)
    assert found.counts == tuple(sum(label == place for label in labels) for place in range(7))
    assert found.counts[found.rarest] == min(found.counts)
    assert found.counts[found.commonest] == max(found.counts)


@pytest.mark.parametrize(
    ("counts", "uneven"), [((10, 10), False), ((14, 10), False), ((15, 10), True), ((0, 9), False)]
)
def test_uneven_means_half_as_many_again(counts: tuple[int, ...], uneven: bool) -> None:
    assert UNEVEN == 1.5
    assert Imbalance(counts).is_uneven is uneven


def test_a_class_without_samples() -> None:
    assert Imbalance((0, 9)).ratio == float("inf")
    assert not Imbalance((0, 0)).is_uneven
