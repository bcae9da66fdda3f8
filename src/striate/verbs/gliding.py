"""Inputs longer than a network's own, worked through in overlapping windows that fade into each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

AT_ONCE = 16


def glide(ask: Callable[[Floats], Floats], values: Floats, extents: tuple[int, ...]) -> Floats:
    """What `ask` gives for windows of these extents, half a window apart along each axis, faded into one.

    `ask` takes and gives [count, channels, *extents]. Each cell's answers are weighed by how far it is from the
    windows' edges. Shorter axes are padded by reflection.

    Shape: [channels, *any extents] stays.

    >>> import numpy as np
    >>> glide(lambda windows: 2 * windows, np.arange(5, dtype=np.float32)[None], (4,)).tolist()
    [[0.0, 2.0, 4.0, 6.0, 8.0]]
    """
    import numpy as np

    padded = pad_to(values, tuple(max(pair) for pair in zip(values.shape[1:], extents, strict=True)))
    corners = list(product(*(list_starts(has, wide) for has, wide in zip(padded.shape[1:], extents, strict=True))))
    weight = _make_fade(extents)
    total, weights = np.zeros(padded.shape, np.float64), np.zeros(padded.shape[1:], np.float64)
    for some in _group(corners):
        places = [tuple(slice(at, at + wide) for at, wide in zip(corner, extents, strict=True)) for corner in some]
        answers = ask(np.stack([padded[(slice(None), *place)] for place in places]))
        for place, answer in zip(places, answers, strict=True):
            total[(slice(None), *place)] += answer * weight
            weights[place] += weight
    whole = (total / weights).astype(np.float32)
    return whole[(slice(None), *(slice(0, has) for has in values.shape[1:]))]


def list_starts(extent: int, wide: int) -> list[int]:
    """Where windows begin: half a window apart, the last one at the end.

    >>> list_starts(10, 4), list_starts(4, 4)
    ([0, 2, 4, 6], [0])
    """
    starts = list(range(0, extent - wide, max(1, wide // 2)))
    return [*starts, extent - wide]


def pad_to(values: Floats, extents: tuple[int, ...]) -> Floats:
    """Reflect values at the end of each axis until it is as long as asked."""
    import numpy as np

    more = [(0, needed - has) for has, needed in zip(values.shape[1:], extents, strict=True)]
    return np.pad(values, [(0, 0), *more], mode="symmetric") if any(end for _, end in more) else values


def _make_fade(extents: tuple[int, ...]) -> NDArray[np.float64]:
    import numpy as np

    fade = np.ones(())
    for extent in extents:
        places = np.arange(extent)
        fade = np.multiply.outer(fade, np.minimum(places + 1, extent - places) / extent)
    return fade


def _group(corners: list[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    for first in range(0, len(corners), AT_ONCE):
        yield corners[first : first + AT_ONCE]
