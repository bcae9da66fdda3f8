"""Hand-made heats for the tests of pictures: noise of any shape, with the heat anywhere on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.explain.heat import Heat
from striate.explain.trust import Areas, Stage, Trust, Verdict


def make_spot(extents: tuple[int, ...], at: tuple[int, ...], width: float) -> NDArray[np.float64]:
    """Heat that is 1 at a cell and falls off around it."""
    places = np.meshgrid(*(np.arange(extent) for extent in extents), indexing="ij")
    squares = (((place - middle) / width) ** 2 for place, middle in zip(places, at, strict=True))
    return np.asarray(np.exp(-sum(squares) / 2))


def make_heat(count: int, extents: tuple[int, ...], channels: int = 1, *, signed: bool = False, **others: Any) -> Heat:
    """A heat of `count` inputs: a hot spot in each, where signed a weaker cold one too."""
    rng = np.random.default_rng(3)
    values = []
    for _ in range(count):
        hot, cold = (tuple(int(rng.integers(extent)) for extent in extents) for _ in range(2))
        width = max(1.0, max(extents) / 10)
        values.append(make_spot(extents, hot, width) - 0.6 * signed * make_spot(extents, cold, width))
    about: dict[str, Any] = {
        "values": torch.from_numpy(np.reshape(values, (count, *extents))),
        "method": "lrp" if signed else "gradcam",
        "target": tuple(number % 3 for number in range(count)),
        "layer": None if signed else "layer4.1",
        "signed": signed,
        "score": tuple(9.31 - number for number in range(count)),
        "inputs": torch.from_numpy(rng.normal(size=(count, channels, *extents))),
        "names": tuple(f"pictures/one {number}.png" for number in range(count)),
        "classes": ("coal", "slate", "snow & ice"),
    }
    return Heat(**(about | others))


def make_trust(count: int = 1, *, good: bool = True) -> Trust:
    """Figures of trust, all alike."""
    verdict = Verdict(good, ("deletion better than random",) if good else ("an edge detector does as well",))

    def areas(*means: float) -> Areas:
        return Areas(*((mean,) * count for mean in means))

    stages = (Stage(("5",), (0.41,) * count, (0.37,) * count), Stage(("5", "0"), (0.12,) * count, (0.08,) * count))
    return Trust(areas(0.21, 0.48, 0.39), areas(0.93, 0.71, 0.9), stages, verdict, (verdict,) * count)
