"""The colours of feature maps, and the real values that they stand for: one scale for a layer."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, ListedColormap, Normalize, to_rgb
from numpy.typing import NDArray

from striate.explain.units.maps import LayerMaps
from striate.report.convolving.tones import write_value
from striate.report.heats.ramps import from_lab, to_lab
from striate.report.palette import BLUE, ORANGE
from striate.report.pixels import Bytes

STEPS = 256


def _make_signed() -> Colormap:
    """Blue over white to orange, straight through CIELAB, both ends alike dark: equal sizes look equally strong."""
    half = np.linspace(0, 1, STEPS // 2)[:, None]
    blue, white, orange = (to_lab(np.array(to_rgb(colour))) for colour in (BLUE, "white", ORANGE))
    blue[0] = orange[0] = (blue[0] + orange[0]) / 2
    return ListedColormap(
        from_lab(np.concatenate([blue + half * (white - blue), white + half * (orange - white)])), name="signed values"
    )


SIGNED, UNSIGNED = _make_signed(), matplotlib.colormaps["inferno"]


def choose_scale(layer: LayerMaps) -> tuple[Colormap, Normalize]:
    """Colours and what they stand for: symmetric about 0 where values lie below it, else from 0 up."""
    if layer.signed:
        most = max(-layer.low, layer.high)
        return SIGNED, Normalize(-most, most)
    return UNSIGNED, Normalize(0, layer.high or 1.0)


def describe_scale(layer: LayerMaps) -> str:
    """What the colours of a layer stand for, in words."""
    most = write_value(max(-layer.low, layer.high))
    return f"blue −{most}, white 0, orange {most}" if layer.signed else f"black 0, pale yellow {most}"


def colour_values(layer: LayerMaps, values: NDArray[Any]) -> Bytes:
    """Values of a layer as colours, [..., 3]."""
    ramp, scale = choose_scale(layer)
    return np.asarray(ramp(scale(values), bytes=True)[..., :3], np.uint8)
