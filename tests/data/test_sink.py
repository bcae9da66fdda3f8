from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from striate.data.hashing import hash_samples, sum_moments
from striate.data.sink import Sink


@pytest.mark.parametrize("mapped", [False, True])
def test_rows_from_many_threads_land_where_they_belong(tmp_path: Path, mapped: bool) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (40, 3, 9, 7), np.uint8)
    room = np.empty(samples.shape, np.uint8)
    if mapped:
        room = np.lib.format.open_memmap(tmp_path / "room.npy", mode="w+", dtype=np.uint8, shape=samples.shape)
    sink = Sink(room)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda row: sink.put(row, samples[row]), np.random.default_rng(1).permutation(40).tolist()))
    sink.close()
    sink.close()
    assert (room == samples).all()
    assert (sink.hashes == hash_samples(samples)).all()
    assert (sink.moments == sum_moments(samples)).all()
    if mapped:
        assert (np.load(tmp_path / "room.npy", allow_pickle=False) == samples).all()


def test_a_layout_that_is_not_contiguous_is_written_in_order(tmp_path: Path) -> None:
    room = np.lib.format.open_memmap(tmp_path / "room.npy", mode="w+", dtype=np.uint8, shape=(2, 3, 4, 5))
    sample = np.moveaxis(np.arange(60, dtype=np.uint8).reshape(4, 5, 3), 2, 0)
    sink = Sink(room)
    sink.put(1, sample)
    sink.close()
    assert (room[1] == sample).all()
