from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from striate.report.heats.ramps import (
    BLUE_END,
    ORANGE_END,
    SIGNED,
    UNSIGNED,
    WHITE,
    colour_heat,
    from_lab,
    lay_over,
    to_lab,
)

# Sight without the cones for green, as linear light: Machado, Oliveira and Fernandes 2009, table 1, severity 1.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
EYES = {"all cones": np.eye(3), "deuteranopia": DEUTERANOPIA, "protanopia": PROTANOPIA}

Floats = NDArray[np.float64]


def see(colours: Floats, eye: str) -> Floats:
    """Colours as an eye sees them, in CIELAB."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ EYES[eye].T, 0, 1)
    return to_lab(np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055))


def measure_steps(colours: Floats, eye: str, count: int = 16) -> Floats:
    """How far apart neighbours are of `count` colours from end to end."""
    chosen = colours[np.linspace(0, len(colours) - 1, count).round().astype(int)]
    return np.asarray(np.linalg.norm(np.diff(see(chosen, eye), axis=0), axis=1))


def test_lab_is_what_another_colour_engine_finds() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB", renderingIntent=ImageCms.Intent(1)
    )
    turned = ImageCms.applyTransform(Image.fromarray(pixels), transform)
    assert turned is not None
    other = np.asarray(turned).astype(np.float64)
    found = to_lab(pixels / 255)
    assert np.abs(found[..., 0] - other[..., 0] * 100 / 255).max() < 3  # it adapts to paper's light, and rounds
    signs = other[..., 1:].astype(np.uint8).astype(np.int8)
    assert np.corrcoef(found[..., 1:].ravel(), signs.ravel())[0, 1] > 0.99


def test_there_and_back_is_the_same_colour() -> None:
    colours = np.random.default_rng(1).random((50, 3))
    assert np.allclose(from_lab(to_lab(colours)), colours, atol=1e-6)


@pytest.mark.parametrize("eye", EYES)
def test_heat_gets_lighter_in_even_steps_for_every_eye(eye: str) -> None:
    light = see(UNSIGNED, eye)[:, 0]
    assert (np.diff(light) >= 0).all() or eye != "all cones"
    assert (np.diff(light[::16]) > 1).all()
    assert np.diff(light[::16]).max() < 2.5 * np.diff(light[::16]).min()
    steps = measure_steps(UNSIGNED, eye)
    assert steps.min() > 3  # one is seen from the next: 2.3 is a just noticeable difference
    assert steps.max() / steps.min() < 4


@pytest.mark.parametrize("eye", EYES)
def test_for_and_against_are_as_far_from_nothing_and_never_alike(eye: str) -> None:
    seen = see(SIGNED, eye)
    middle = len(seen) // 2
    against, favour = seen[:middle][::-1], seen[middle:]
    assert (np.diff(against[::16, 0]) < 0).all()
    assert (np.diff(favour[::16, 0]) < 0).all()
    assert np.abs(against[:, 0] - favour[:, 0]).max() < 12
    steps = measure_steps(SIGNED, eye)
    assert steps.min() > 3
    assert steps.max() / steps.min() < 3.5
    apart = np.linalg.norm(against - favour, axis=1)
    assert apart[middle // 4] > 15  # a quarter of the way out they can't be mistaken
    assert apart[-1] > 80


def test_the_ends_and_the_middle_are_what_they_are_said_to_be() -> None:
    for place, wanted in ((0, BLUE_END), (len(SIGNED) // 2, WHITE), (-1, ORANGE_END)):
        assert np.allclose(to_lab(SIGNED[place]), wanted, atol=0.2)
    assert BLUE_END[0] == ORANGE_END[0]


@pytest.mark.parametrize("ground", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize(("signed", "sign"), [(False, 1), (True, 1), (True, -1)])
def test_over_any_ground_hotter_is_lighter(ground: float, signed: bool, sign: int) -> None:
    heat = np.linspace(0, 1, 21)
    light = to_lab(lay_over(np.full(21, ground), sign * heat, signed=signed))[:, 0]
    assert light[-1] - light[0] > 15
    assert np.diff(light).min() > -0.5
    assert np.diff(light[::5]).min() > 0


def test_what_is_cold_shows_the_ground_alone() -> None:
    ground = np.linspace(0, 1, 5)
    found = lay_over(ground, np.zeros(5), signed=True)
    assert np.allclose(found, found[:, :1])
    assert (np.diff(found[:, 0]) > 0).all()
    assert found.max() < 0.5


def test_a_value_that_is_none_is_cold() -> None:
    assert colour_heat(np.array([np.nan, 0.0]), signed=False)[:, 3].tolist() == [0, 0]
    assert np.array_equal(
        colour_heat(np.array([5.0, -5.0]), signed=True), colour_heat(np.array([1.0, -1.0]), signed=True)
    )
