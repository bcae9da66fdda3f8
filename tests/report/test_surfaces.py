from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from tests.report.test_costs import check_layout, find_texts

from striate.explain.surface.landscape import Surface
from striate.report.figures import figure
from striate.report.surfaces import choose_contours, draw_surface


def make_surface(names: int = 2, cells: int = 5, scale: float = 1.0) -> Surface:
    steps = tuple(np.linspace(-1, 1, cells).tolist())
    places = torch.tensor(steps, dtype=torch.float64)
    bowl = 0.1 + 2 * places[:, None] ** 2 + places**2
    losses = torch.stack([bowl * scale**number for number in range(names)])
    return Surface(tuple(f"network {number}" for number in range(names)), steps, losses, 1000)


def read_image(axes: Axes) -> np.ma.MaskedArray[Any, Any]:
    return np.ma.asarray(axes.images[0].get_array())


def test_cells_are_the_losses_the_first_direction_across() -> None:
    surface = make_surface()
    picture = draw_surface(surface)
    for number in range(2):
        shown = read_image(picture.axes[number])
        assert np.allclose(shown, surface.losses[number].numpy().T)
        assert picture.axes[number].images[0].origin == "lower"


def test_one_scale_holds_for_all() -> None:
    picture = draw_surface(make_surface(2, scale=10))
    for axes in picture.axes[:2]:
        assert axes.images[0].get_clim() == pytest.approx((0.1, 31.0))


@pytest.mark.parametrize("names", [1, 2, 5])
def test_texts_keep_apart(names: int) -> None:
    picture = draw_surface(make_surface(names))
    for axes in picture.axes:  # the contours' values lie on their lines
        for text in list(axes.texts):
            text.remove()
    check_layout(picture)


def test_unknown_cells_stay_hatched_and_the_infinite_are_the_largest() -> None:
    surface = make_surface(1)
    surface.losses[0, 0, 1], surface.losses[0, 4, 4] = math.nan, math.inf
    picture = draw_surface(surface)
    shown = read_image(picture.axes[0])
    assert np.argwhere(np.ma.getmaskarray(shown)).tolist() == [[1, 0]]
    assert shown[4, 4] == np.nanmax(np.where(np.isfinite(surface.losses.numpy()), surface.losses.numpy(), np.nan))
    back = [patch for patch in picture.axes[0].patches if isinstance(patch, Rectangle)]
    assert back[0].get_hatch()
    texts = " ".join(text.get_text() for text in find_texts(picture))
    assert "96 % of the cells are known" in texts
    assert "isn't a finite number" in texts


def test_surfaces_of_one_value_and_of_nothing_can_be_drawn() -> None:
    for value in (0.0, 2.3):
        surface = Surface(("flat",), (-1.0, 0.0, 1.0), torch.full((1, 3, 3), value, dtype=torch.float64), 10)
        assert figure(surface).axes[0].images


def test_contours_are_round_and_few() -> None:
    for least, most in [(0.1, 3), (1e-6, 1e6), (2, 2.4), (0.9, 120)]:
        found = choose_contours(least, most)
        assert len(found) <= 9
        assert all(least < value < most for value in found)
        assert found == sorted(found)
