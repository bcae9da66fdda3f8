"""How gradients are packed to travel; what ranks then say to each other is tried out by test_ranks and test_hosts."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from striate.train.group import fill_buckets

Kinds = list[tuple[int, torch.dtype]]
KINDS = st.lists(st.tuples(st.integers(1, 9), st.sampled_from([torch.float32, torch.float64])), max_size=12)


@given(KINDS)
def test_buckets_hold_each_tensor_once_and_one_type(kinds: Kinds) -> None:
    tensors = [torch.zeros(length, dtype=kind) for length, kind in kinds]
    buckets = list(fill_buckets(tensors, size=40))
    assert sorted(id(each) for bucket in buckets for each in bucket) == sorted(map(id, tensors))
    for bucket in buckets:
        assert len({each.dtype for each in bucket}) == 1
        assert len(bucket) == 1 or sum(each.nbytes for each in bucket) <= 40


@given(KINDS)
def test_every_rank_fills_them_alike(kinds: Kinds) -> None:
    """What is added up is added place by place: the order may depend on shapes and types alone, not on values."""
    packed = []
    for value in (0.0, 1.0):
        tensors = [torch.full((length,), value, dtype=kind) for length, kind in kinds]
        places = {id(each): place for place, each in enumerate(tensors)}
        packed.append([[places[id(each)] for each in bucket] for bucket in fill_buckets(tensors, size=40)])
    assert packed[0] == packed[1]


def test_a_tensor_that_is_larger_than_a_bucket_has_its_own() -> None:
    tensors = [torch.zeros(2), torch.zeros(100), torch.zeros(2)]
    buckets = list(fill_buckets(tensors, size=40))
    assert [each.numel() for bucket in buckets for each in bucket if len(bucket) == 1 and each.numel() > 10] == [100]
