"""A batch in parts: what doesn't fit into memory at once goes through in turns, and their gradients add up.

The update is that of the whole batch: each part's mean loss counts by its share of the samples. Batch norm alone sees
the difference, since each part is normalised by its own statistics and moves the running ones by itself.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from torch import Tensor

_Result = TypeVar("_Result")
# What torch, the C++ library and the device's libraries say when an allocation fails.
_SIGNS = ("can't allocate memory", "out of memory", "std::bad_alloc", "alloc_failed", "cannot allocate memory")


def attempt(work: Callable[[], _Result]) -> _Result | None:
    """The result of some work, or None where memory was exhausted; by then all that it held is free again.

    >>> attempt(lambda: torch.empty(2**62, dtype=torch.uint8)) is None, attempt(lambda: 3)
    (True, 3)
    """
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # Only here, with the error and its frames gone, are the tensors that they held.
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory is exhausted: torch's own on CUDA, a failed allocation on a processor."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


def split(batch: Tensor, labels: Tensor, parts: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The batch in parts whose sizes differ by one sample at most, in order.

    >>> [len(part) for part, _ in split(torch.zeros(7, 1, 2), torch.zeros(7), 3)]
    [3, 2, 2]
    """
    return zip(batch.tensor_split(parts), labels.tensor_split(parts), strict=True)


def split_further(parts: int, batch: int) -> int | None:
    """Twice as many parts; None where they would hold a single sample, of which batch norm learns nothing.

    >>> split_further(1, 8), split_further(2, 7), split_further(4, 8)
    (2, 3, None)
    """
    most = batch // 2
    return min(2 * parts, most) if parts < most else None
