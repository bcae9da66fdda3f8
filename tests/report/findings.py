"""Hand-made findings for the tests of pictures: noise of any shape, with places anywhere on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from striate.locate import Locations, Place, sweep_map

Found = tuple[str, float, tuple[float, ...]]  # class, probability, first corner


def make_locations(
    shape: tuple[int, ...], found: Sequence[Found], *, window: int = 8, dtype: Any = np.uint8, **others: Any
) -> Locations:
    """Locations in noise [C, *extents] of two scales; each place has the window's extents at scale 1."""
    rng = np.random.default_rng(5)
    values = (rng.random(shape) * (255 if dtype is np.uint8 else 1)).astype(dtype)
    classes = tuple(dict.fromkeys([*(label for label, _, _ in found), "another"]))
    axes = len(shape) - 1
    places = tuple(Place(label, share, start, (float(window),) * axes, 1.0) for label, share, start in found)
    sweeps = []
    for scale in (1.0, 0.5):
        extents = [max(window, round(extent * scale)) for extent in shape[1:]]
        level = rng.random((shape[0], *extents)).astype(np.float32)
        counts = [(extent - window) // 2 + 1 for extent in extents]
        shares = rng.dirichlet(np.full(len(classes), 0.2), counts)
        sweeps.append(sweep_map(np.moveaxis(shares, -1, 0), level, (window,) * axes, (2,) * axes, scale))
    about: dict[str, Any] = {"name": "a picture.png", "exact": True, "why": ""}
    return Locations(values=values, classes=classes, places=places, sweeps=tuple(sweeps), **(about | others))
