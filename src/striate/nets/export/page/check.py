"""What a page checks itself by: an input that needs no place in the file, and what the module makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.nets.export.examples import Examples
from striate.nets.export.subject import run

MOST_VALUES = 4096
_FACTOR, _SHIFT = 2654435761, 0x9E3779B9


def scatter_values(count: int, symbols: int = 0) -> NDArray[np.float32]:
    """Values from -1 to 1 that jump about, the same in any language; with `symbols` whole numbers below that.

    Source: Knuth, The Art of Computer Programming 3, sec. 6.4: multiplicative hashing.

    >>> [round(float(value), 3) for value in scatter_values(3)], scatter_values(4, symbols=5).tolist()
    ([0.236, -0.528, 0.708], [4.0, 3.0, 3.0, 1.0])
    """
    places = np.arange(count, dtype=np.uint64)
    mixed = (places * np.uint64(_FACTOR) + np.uint64(_SHIFT)) & np.uint64(0xFFFFFFFF)
    if symbols:
        return (mixed >> np.uint64(8)).astype(np.int64).__mod__(symbols).astype(np.float32)
    return (mixed.astype(np.float64) / 2**31 - 1).astype(np.float32)


def make_check(module: nn.Module, examples: Examples) -> dict[str, Any]:
    """The outputs for such an input, the first few thousand values of each."""
    (example,), _ = examples.take(1)
    symbols = min((part.num_embeddings for part in module.modules() if isinstance(part, nn.Embedding)), default=0)
    values = torch.from_numpy(scatter_values(example.numel(), symbols)).reshape(example.shape)
    made = run(module, ((values.to(example.device, example.dtype),), {}))
    return {"symbols": symbols, "outputs": [_shorten(each) for each in made]}


def _shorten(values: NDArray[np.generic] | Tensor) -> list[float]:
    plain = np.asarray(values, np.float64).reshape(-1)[:MOST_VALUES]
    return [float(f"{value:.9g}") if np.isfinite(value) else 0.0 for value in plain]
