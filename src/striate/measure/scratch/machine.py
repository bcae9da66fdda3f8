"""What the formulas need to know of a machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import torch

from striate.measure.operation import Operation

CACHE = 2**20  # bytes, where torch can't tell


class Machine(NamedTuple):
    """Threads that torch uses, fp32 numbers in one of the processor's vectors, and bytes of a core's second cache."""

    threads: int
    block: int
    cache: int = CACHE


Formula: TypeAlias = Callable[[Operation, Machine], int]
"""Bytes that an operation allocates beyond its outputs."""


def read_cache() -> int:
    """Bytes of this machine's second cache."""
    capabilities: dict[str, int] = getattr(torch.cpu, "get_capabilities", dict)()
    return int(capabilities.get("l2_cache_size", CACHE))
