"""Threads that decode side by side, each on one processor: torch's own threads stay out of their way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

THREADS = min(16, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2)


@contextmanager
def working(*, scaling: bool) -> Iterator[ThreadPoolExecutor]:
    """A `with` that gives as many threads as there are processors; with `scaling`, each may scale pictures by torch.

    A scaling thread that brought a team of torch's along would wait for it longer than the scaling takes. How many
    threads the caller's torch has stays as it is.

    >>> with working(scaling=False) as pool:
    ...     list(pool.map(abs, [-1, 2]))
    [1, 2]
    """
    if not scaling:
        with ThreadPoolExecutor(THREADS) as pool:
            yield pool
        return
    import torch

    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(THREADS, initializer=partial(torch.set_num_threads, 1)) as pool:
            yield pool
    finally:
        torch.set_num_threads(before)
