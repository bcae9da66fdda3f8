from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from striate.explain.heat import Patches
from striate.report.picture import Picture, styled
from striate.report.units.patchtiles import BETWEEN, lay_tiles, measure_tiles, place_tiles, restore, scale_each


def make_patches(count: int, shape: tuple[int, ...], *, projected: bool = True, seed: int = 0) -> Patches:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.rand(count, *shape, generator=generator)
    cell = (0,) * (len(shape) - 1)
    strength = tuple(float(count - number) for number in range(count))
    made = torch.randn(count, *shape, generator=generator) if projected else None
    return Patches(inputs, tuple(range(count)), (cell,) * count, strength, (cell,) * count, made)


@pytest.mark.parametrize("count", [1, 2, 5, 9, 10])
def test_tiles_fill_rows_before_they_begin_another(count: int) -> None:
    columns, rows = lay_tiles(count)
    assert (rows - 1) * columns < count <= rows * columns
    assert abs(columns - rows) <= 1


def check_curves(line: Any, values: Any, box: Any) -> None:
    """The curve is the values, turned up and shrunk into its tile."""
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert ((box.xmin <= x) & (x <= box.xmax) & (box.ymin <= y) & (y <= box.ymax)).all()
    assert np.corrcoef(y, values)[0, 1] == pytest.approx(-1)
    assert (np.diff(x) > 0).all()


@pytest.mark.parametrize("shape", [(1, 9, 9), (3, 6, 12), (2, 40), (1, 5, 6, 6)])
def test_each_tile_shows_its_patch(shape: tuple[int, ...]) -> None:
    patches, picture = make_patches(5, shape), Picture(8, 8)
    with styled():
        place_tiles(picture, 0.5, 0.5, 6, patches, (0.0,), (1.0,))
    squares = picture.axes
    assert len(squares) == 2
    for square, values in zip(squares, (patches.inputs, patches.projections), strict=True):
        assert values is not None
        assert len(square.patches) == 5, "a frame for each"
        if len(shape) == 2:
            curves = [line for line in square.lines if len(np.asarray(line.get_xdata())) == shape[-1]]
            assert len(curves) == 5 * shape[0]
            check_curves(
                curves[-1],
                values[-1, -1].double().numpy(),
                square.patches[-1].get_extents().transformed(square.transData.inverted()),
            )
            continue
        for tile, patch in zip(square.images, values.double().numpy(), strict=True):
            flat = patch[:, patch.shape[1] // 2] if patch.ndim == 4 else patch
            shown = np.asarray(tile.get_array())
            expected = flat.transpose(1, 2, 0) if len(flat) == 3 else flat.mean(0)
            if values is patches.projections:
                expected = 0.5 + 0.5 * expected / np.abs(patch).max()
            assert np.abs(shown - expected).max() < 1e-9
    box = squares[0].get_position()
    assert box.height * 8 == pytest.approx(measure_tiles(patches, 6))
    assert box.width * 8 == pytest.approx((6 - BETWEEN) / 2)


def test_without_projections_the_patches_have_all_the_room() -> None:
    patches, picture = make_patches(9, (1, 4, 4), projected=False), Picture(8, 8)
    place_tiles(picture, 0.5, 0.5, 6, patches)
    (square,) = picture.axes
    assert square.get_position().width * 8 == pytest.approx(6)


def test_normalisation_is_undone_where_it_is_known() -> None:
    patches = np.random.default_rng(0).normal(size=(4, 3, 5, 5))
    restored = restore(patches, (0.5, 0.4, 0.3), (0.1, 0.2, 0.3))
    for channel, (mean, std) in enumerate(zip((0.5, 0.4, 0.3), (0.1, 0.2, 0.3), strict=True)):
        assert np.allclose(restored[:, channel], np.clip(patches[:, channel] * std + mean, 0, 1))
    unknown = restore(patches, (), ())
    assert (unknown.min(), unknown.max()) == (0.0, 1.0)


def test_scales_of_projections_are_their_own_and_zero_stays_in_the_middle() -> None:
    values = np.random.default_rng(1).normal(size=(6, 2, 4, 4)) * np.arange(6)[:, None, None, None]
    scaled = scale_each(values)
    for before, after in zip(values, scaled, strict=True):
        largest = np.abs(before).max() or 1.0
        assert np.allclose(after * 2 - 1, before / largest)
    assert (scaled[0] == 0.5).all()
