"""The colours of heat: even steps for every eye, also a colour-blind one, and the picture below kept visible.

Heat lies over a dimmed grey ground, the more opaque the hotter it is: so what is cold stays as it was, and hotter is
always lighter than colder wherever the ground is alike.
"""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 256
DARK, LIGHT_GREY = 0.06, 0.4  # the dimmed ground of black and of white: lighter than that no colour would stand out
MOST_OPAQUE = 0.92
WHITE, BLUE_END, ORANGE_END = (97.0, 0.0, 0.0), (66.0, -8.0, -44.0), (66.0, 38.0, 62.0)  # CIELAB; the ends alike light
LIGHT = np.array([0.95047, 1.0, 1.08883])  # of daylight, D65
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def to_lab(colours: NDArray[Any]) -> Floats:
    """Colours of a screen, [..., 3] from 0 to 1, as CIELAB: lightness 0 to 100, and two axes of colour.

    Source:  IEC 61966-2-1 (sRGB); CIE 15, sec. 8.2.1.

    >>> [round(abs(float(part)), 1) for part in to_lab(np.array([1.0, 1.0, 1.0]))]
    [100.0, 0.0, 0.0]
    """
    colours = np.asarray(colours, dtype=np.float64)
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    ratio = linear @ TO_XYZ.T / LIGHT
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def from_lab(lab: NDArray[Any]) -> Floats:
    """CIELAB as colours of a screen; what a screen can't show becomes the nearest by channel."""
    lab = np.asarray(lab, dtype=np.float64)
    y = (lab[..., 0] + 16) / 116
    root = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    ratio = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    linear: Floats = np.clip((ratio * LIGHT) @ np.linalg.inv(TO_XYZ).T, 0, 1)
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def _make_unsigned() -> Floats:
    """The lighter half of matplotlib's `inferno`, red to pale yellow: even, and lighter step by step."""
    return np.asarray(matplotlib.colormaps["inferno"](np.linspace(0.5, 0.98, STEPS))[:, :3], dtype=np.float64)


def _make_signed() -> Floats:
    """Blue over white to orange, straight through CIELAB, both ends equally light."""
    half = np.linspace(0, 1, STEPS // 2)[:, None]
    white, blue, orange = (np.array(end) for end in (WHITE, BLUE_END, ORANGE_END))
    return from_lab(np.concatenate([(blue + half * (white - blue)), (white + half * (orange - white))]))


UNSIGNED, SIGNED = _make_unsigned(), _make_signed()


def colour_heat(heat: NDArray[Any], *, signed: bool) -> Floats:
    """Heat from 0 to 1, or -1 to 1 where signed, as colours with opacity [..., 4]: the hotter, the more opaque.

    Faint signed heat takes no colour nearer to white than half-way, since its opacity pales it already.
    """
    heat = np.clip(np.nan_to_num(heat), -1 if signed else 0, 1)
    place = 0.5 + np.sign(heat) * (1 + np.abs(heat)) / 4 if signed else heat
    colours = (SIGNED if signed else UNSIGNED)[np.rint(place * (STEPS - 1)).astype(np.int64)]
    return np.concatenate([colours, MOST_OPAQUE * np.abs(heat)[..., None] ** 0.8], axis=-1)


def lay_over(ground: NDArray[Any], heat: NDArray[Any], *, signed: bool) -> Floats:
    """A grey picture from 0 to 1, dimmed, with its heat over it, as colours [..., 3]."""
    colours = colour_heat(heat, signed=signed)
    dimmed = DARK + (LIGHT_GREY - DARK) * np.clip(np.asarray(ground, dtype=np.float64), 0, 1) ** 0.8
    opacity = colours[..., 3:]
    return np.asarray(opacity * colours[..., :3] + (1 - opacity) * dimmed[..., None])
