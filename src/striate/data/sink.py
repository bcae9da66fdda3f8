"""Where decoded samples go, from several threads: each into its row, with its hash and its moments noted on the way."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from striate.data.hashing import hash_samples, sum_moments
from striate.data.part import Inputs


class Sink:
    """An array to be filled row by row; `hashes` and `moments` are those of the rows that were put.

    >>> sink = Sink(np.empty((2, 1, 2), np.uint8))
    >>> sink.put(1, np.array([[3, 4]], np.uint8))
    >>> sink.inputs[1].tolist(), sink.moments[1].tolist()
    ([[3, 4]], [[7.0, 25.0]])
    """

    def __init__(self, inputs: Inputs) -> None:
        """Take an array in memory, or one mapped from a file that is there in full."""
        self.inputs = inputs
        self.hashes: NDArray[np.uint64] = np.zeros(len(inputs), np.uint64)
        self.moments: NDArray[np.float64] = np.zeros((*inputs.shape[:2], 2))
        self._file = _open_file(inputs)

    def put(self, row: int, pixels: Inputs) -> None:
        """Keep one sample. Raises: OSError where the disk refuses it."""
        self.hashes[row] = hash_samples(pixels[None])[0]
        self.moments[row] = sum_moments(pixels[None])[0]
        if self._file is None:
            self.inputs[row] = pixels
            return
        # Cheaper than a store into the mapping, which faults at every page; it shows up there all the same.
        left, place = np.ascontiguousarray(pixels).reshape(-1).data, _offset(self.inputs) + row * pixels.nbytes
        while left:
            done = os.pwrite(self._file, left, place)
            left, place = left[done:], place + done

    def close(self) -> None:
        """Let go of the file; the mapping stays."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _open_file(inputs: Inputs) -> int | None:
    """The number of a mapping's file, opened to write; None for memory, and where there is no writing at a place."""
    if not isinstance(inputs, np.memmap) or inputs.filename is None or not hasattr(os, "pwrite"):
        return None
    return os.open(inputs.filename, os.O_WRONLY)


def _offset(inputs: Inputs) -> int:
    return int(getattr(inputs, "offset", 0))
