from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.pool import Side
from striate.data.split import VAL_MOST, share_out, split_pool

counts_of_classes = st.lists(st.integers(1, 40), min_size=1, max_size=8)


@given(counts_of_classes, st.integers(0, 5))
def test_every_sample_lands_on_one_side_and_every_class_trains(counts: list[int], seed: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    parts = split_pool(labels, np.zeros(len(labels), np.int8), seed)
    empty = np.zeros(0, np.int64)
    sides = [parts.train, empty if parts.val is None else parts.val, empty if parts.test is None else parts.test]
    assert sorted(np.concatenate(sides).tolist()) == list(range(len(labels)))
    assert set(labels[parts.train].tolist()) == set(range(len(counts)))
    assert all((np.diff(side) > 0).all() for side in sides)


@given(counts_of_classes, st.integers(0, 100))
def test_shares_are_within_one_of_exact_unless_a_class_runs_out(counts: list[int], wanted: int) -> None:
    total = min(wanted, sum(counts))
    shares = share_out(np.array(counts), total)
    assert (shares <= np.maximum(np.array(counts) - 1, 0)).all()
    assert shares.sum() == min(total, sum(count - 1 for count in counts))
    if all(total * count / sum(counts) + 1 <= count - 1 for count in counts):
        assert all(abs(share - total * count / sum(counts)) < 1 for share, count in zip(shares, counts, strict=True))


def test_shares_of_one_hundred() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    parts = split_pool(labels, np.zeros(100, np.int8), seed=3)
    assert parts.val is not None
    assert parts.test is not None
    assert np.bincount(labels[parts.test]).tolist() == [10, 6, 4]
    assert np.bincount(labels[parts.val]).tolist() == [4, 2, 2]
    assert not parts.official


def test_seeds_differ_and_repeat() -> None:
    labels, sides = np.repeat([0, 1], 100), np.zeros(200, np.int8)
    first, again, other = (split_pool(labels, sides, seed).train.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_sources_own_sides_are_kept() -> None:
    labels = np.tile([0, 1], 30)
    sides = np.repeat([Side.TRAIN, Side.VAL, Side.TEST], 20).astype(np.int8)
    parts = split_pool(labels, sides, seed=0)
    assert parts.train.tolist() == list(range(20))
    assert parts.val is not None
    assert parts.val.tolist() == list(range(20, 40))
    assert parts.test is not None
    assert parts.test.tolist() == list(range(40, 60))
    assert parts.official


def test_val_alone_stays_val_and_makes_no_test() -> None:
    parts = split_pool(np.tile([0, 1], 20), np.repeat([Side.TRAIN, Side.VAL], 20).astype(np.int8), seed=0)
    assert parts.test is None
    assert parts.val is not None
    assert parts.val.tolist() == list(range(20, 40))


def test_an_official_test_gives_val_out_of_train() -> None:
    sides = np.repeat([Side.TRAIN, Side.TEST], [40, 20]).astype(np.int8)
    parts = split_pool(np.tile([0, 1], 30), sides, seed=0)
    assert parts.official
    assert parts.val is not None
    assert len(parts.val) == 4
    assert max(parts.val) < 40


def test_val_has_a_most() -> None:
    labels = np.zeros(80_000, np.int64)
    labels[::2] = 1
    parts = split_pool(labels, np.full(80_000, Side.UNSAID, np.int8), seed=0)
    assert parts.val is not None
    assert len(parts.val) == VAL_MOST


@pytest.mark.parametrize("count", [1, 2])
def test_classes_of_one_only_train(count: int) -> None:
    parts = split_pool(np.arange(count), np.zeros(count, np.int8), seed=0)
    assert (len(parts.train), parts.val, parts.test) == (count, None, None)
