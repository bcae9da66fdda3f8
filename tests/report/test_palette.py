"""Colours as eyes without one kind of cone see them: side by side, they must stay apart."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from striate.report.palette import BLUE, DEPTHS, GROUPS, INK, PALE_BLUE, PALE_ORANGE, PAPER, QUIET, WASH

# Machado, Oliveira, Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency", table 1,
# severity 1: on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "no colour": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def see(color: str, eye: str) -> NDArray[np.float64]:
    """CIE Lab of a colour as an eye sees it."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ np.clip(EYES[eye] @ linear, 0, 1) / (XYZ @ np.ones(3))
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def measure_distance(one: str, other: str, eye: str) -> float:
    return float(np.linalg.norm(see(one, eye) - see(other, eye)))


@pytest.mark.parametrize("eye", EYES)
def test_what_stands_side_by_side_stays_apart(eye: str) -> None:
    pairs = [*combinations(GROUPS, 2), (BLUE, PALE_BLUE), (PALE_ORANGE, DEPTHS[-1])]
    pairs += [(color, PAPER) for color in (*GROUPS, PALE_BLUE, QUIET, INK)] + [(DEPTHS[0], WASH)]
    distances = {pair: measure_distance(*pair, eye) for pair in pairs}
    assert min(distances.values()) > 12, min(distances, key=distances.__getitem__)


@pytest.mark.parametrize("eye", EYES)
def test_deeper_is_darker(eye: str) -> None:
    lightness = [see(color, eye)[0] for color in DEPTHS]
    assert all(b < a - 4 for a, b in pairwise(lightness))
