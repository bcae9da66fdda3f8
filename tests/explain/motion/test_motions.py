from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from torch import Tensor

from striate.explain.motion.motions import Grid, Motion, carry, flip, rescale, rotate, shift


def make(*extents: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, 3, *extents, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("extents", [(7,), (5, 6), (3, 4, 5)])
def test_a_wrapping_shift_is_a_roll(extents: tuple[int, ...]) -> None:
    values = make(*extents)
    for axis, cells in product(range(len(extents)), (-2, 1, 3)):
        moved, seen = carry(values, shift(extents, axis, cells, wraps=True))
        assert np.array_equal(moved.numpy(), np.roll(values.numpy(), cells, 2 + axis))
        assert bool(seen.all())


@pytest.mark.parametrize("extents", [(7,), (5, 6), (3, 4, 5)])
def test_a_shift_leaves_nothing_behind(extents: tuple[int, ...]) -> None:
    values = make(*extents)
    for axis, cells in product(range(len(extents)), (-2, 1)):
        moved, seen = carry(values, shift(extents, axis, cells))
        for cell in product(*map(range, extents)):
            source = list(cell)
            source[axis] -= cells
            within = 0 <= source[axis] < extents[axis]
            assert bool(seen.numpy()[cell]) == within
            expected = [every[tuple(source)] if within else 0.0 for every in values.numpy().reshape(6, *extents)]
            assert [every[cell] for every in moved.numpy().reshape(6, *extents)] == expected


@pytest.mark.parametrize("extents", [(7,), (5, 6), (3, 4, 5)])
def test_a_flip_reverses_an_axis(extents: tuple[int, ...]) -> None:
    values = make(*extents)
    for axis in range(len(extents)):
        moved, seen = carry(values, flip(extents, axis))
        assert np.array_equal(moved.numpy(), np.flip(values.numpy(), 2 + axis))
        assert bool(seen.all())


@pytest.mark.parametrize("extent", [5, 6])
def test_quarter_turns_are_exact(extent: int) -> None:
    values = make(extent, extent)
    for quarters in (1, 2, 3):
        moved, seen = carry(values, rotate((extent, extent), (0, 1), 90.0 * quarters))
        assert np.array_equal(moved.numpy(), np.rot90(values.numpy(), quarters, (2, 3)))
        assert bool(seen.all())


MOTIONS = {
    "half a cell": shift((6, 7), 1, 1.5),
    "a third of a turn": rotate((6, 7), (0, 1), 120.0),
    "a little turn": rotate((6, 7), (0, 1), 7.0),
    "smaller": rescale((6, 7), 0.6),
    "larger": rescale((6, 7), 1.7),
}


@pytest.mark.parametrize("name", MOTIONS)
def test_between_cells_it_interpolates_linearly(name: str) -> None:
    motion, values = MOTIONS[name], make(6, 7)
    cells = np.stack(np.meshgrid(np.arange(6), np.arange(7), indexing="ij")).reshape(2, -1)
    places = motion.matrix.numpy() @ cells + motion.offset.numpy()[:, None]
    moved, seen = carry(values, motion)
    within = np.all((places >= -1e-9) & (places <= np.array([[5], [6]]) + 1e-9), axis=0).reshape(6, 7)
    assert np.array_equal(seen.numpy(), within)
    for sample, channel in product(range(2), range(3)):
        twin = map_coordinates(values[sample, channel].numpy(), places, order=1, mode="nearest").reshape(6, 7)
        assert np.allclose(moved[sample, channel].numpy()[within], twin[within], atol=1e-12)
    assert not bool(moved[..., ~seen].any())


def test_turning_in_a_plane_of_a_volume_turns_each_slice() -> None:
    values = make(3, 5, 5)
    moved, _ = carry(values, rotate((3, 5, 5), (1, 2), 30.0))
    for depth in range(3):
        assert torch.allclose(moved[:, :, depth], carry(values[:, :, depth], rotate((5, 5), (0, 1), 30.0))[0])


def test_maps_move_by_the_input_s_cells() -> None:
    maps = make(4)
    grid = Grid((0.5,), (2.0,))
    whole, _ = carry(maps, shift((8,), 0, 4), grid)
    assert torch.equal(whole[..., 2:], maps[..., :2])
    half, seen = carry(maps, shift((8,), 0, 1), grid)
    assert torch.allclose(half[..., 1:], (maps[..., 1:] + maps[..., :-1]) / 2)
    assert seen.tolist() == [False, True, True, True]
    assert torch.equal(carry(maps, flip((8,), 0), grid)[0], maps.flip(2))


def test_a_motion_and_its_inverse_are_nothing() -> None:
    values = make(6, 6)
    there = carry(values, rotate((6, 6), (0, 1), 90.0))[0]
    assert torch.equal(carry(there, rotate((6, 6), (0, 1), -90.0))[0], values)
    identity = Motion(torch.eye(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float64))
    assert torch.equal(carry(values, identity)[0], values)
    assert math.isclose(float(rescale((6, 6), 2.0).matrix[0, 0]), 0.5)
