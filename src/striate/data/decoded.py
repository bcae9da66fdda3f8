"""What becomes of many files: one array of those that could be read, and why the others couldn't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Inputs, Integers, SetAside


class Allocate(Protocol):
    """Makes room for decoded samples: in memory, or in a file of the cache."""

    def __call__(self, name: str, shape: tuple[int, ...], dtype: type[np.number[Any]] = np.uint8) -> Inputs:
        """Give an array of that shape and type, which is to be filled."""


@dataclass(frozen=True)
class Decoded:
    """The files that could be read: `kept` are their places among the entries asked for, ascending.

    `about` holds what else a reader found, in plain values.
    """

    inputs: Inputs
    kept: Integers
    set_aside: tuple[SetAside, ...]
    smallest: tuple[int, ...]
    largest: tuple[int, ...]
    hashes: NDArray[np.uint64]
    moments: NDArray[np.float64]
    about: Mapping[str, Any] = field(default_factory=dict)


def in_memory(name: str, shape: tuple[int, ...], dtype: type[np.number[Any]] = np.uint8) -> Inputs:
    """Make room for decoded samples in memory."""
    return np.empty(shape, dtype)
