from __future__ import annotations

import pytest
import torch

from striate.data.workers import THREADS, working


@pytest.mark.parametrize("count", [1, 3])
def test_each_worker_has_one_thread_and_the_caller_keeps_his(count: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with working(scaling=True) as pool:
            assert set(pool.map(lambda _: torch.get_num_threads(), range(4 * THREADS))) == {1}
        assert torch.get_num_threads() == count
        with working(scaling=True) as pool, pytest.raises(ValueError, match="x"):
            pool.submit(int, "x").result()
        assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(before)
