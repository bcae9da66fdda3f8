"""Spearman's rank correlation against scipy's, ties and all."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from striate.explain.trust.ranks import correlate_ranks, rank


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12))
def test_ranks_are_scipys(values: list[int]) -> None:
    assert rank(torch.tensor(values).float()).tolist() == rankdata(values).tolist()


@pytest.mark.parametrize("extents", [(30,), (5, 6), (3, 2, 4)])
@pytest.mark.parametrize("levels", [3, 1000])
def test_correlations_are_scipys(extents: tuple[int, ...], levels: int) -> None:
    generator = torch.Generator().manual_seed(levels)
    left, right = (torch.randint(levels, (4, *extents), generator=generator).float() for _ in range(2))
    right[1:] += left[1:]
    expected = [spearmanr(one.flatten(), other.flatten())[0] for one, other in zip(left, right, strict=True)]
    assert correlate_ranks(left, right).tolist() == pytest.approx(expected, abs=1e-12)


def test_a_flat_map_correlates_with_nothing() -> None:
    assert correlate_ranks(torch.ones(1, 4), torch.arange(4.0)[None]).tolist() == [0]
    assert correlate_ranks(torch.ones(1, 4), torch.ones(1, 4)).tolist() == [0]
