"""Maps at the input's extents, against interpolation written out cell by cell."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from striate.explain.resizing import resize_maps


def interpolate_by_hand(cells: Tensor, extents: tuple[int, ...]) -> Tensor:
    """Each place looks where its middle lies between the middles of the cells, and takes both sides by nearness."""
    out = torch.zeros(extents, dtype=cells.dtype)
    for place in itertools.product(*map(range, extents)):
        for corner in itertools.product((0, 1), repeat=len(extents)):
            weight, at = 1.0, []
            for index, side, extent, wanted in zip(place, corner, cells.shape, extents, strict=True):
                point = min(max((index + 0.5) * extent / wanted - 0.5, 0), extent - 1)
                low = min(int(point), max(extent - 2, 0))
                weight *= point - low if side else 1 - (point - low)
                at.append(min(low + side, extent - 1))
            out[place] += weight * cells[tuple(at)]
    return out


@pytest.mark.parametrize(
    ("cells", "extents"), [((4,), (9,)), ((2, 3), (5, 4)), ((1, 2, 3), (2, 4, 5)), ((2, 1, 2, 3), (3, 2, 2, 5))]
)
def test_it_is_linear_along_each_axis(cells: tuple[int, ...], extents: tuple[int, ...]) -> None:
    maps = torch.randn(2, *cells, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = torch.stack([interpolate_by_hand(each, extents) for each in maps])
    torch.testing.assert_close(resize_maps(maps, extents), expected)


def test_half_precision_is_not_kept() -> None:
    assert resize_maps(torch.ones(1, 2, dtype=torch.bfloat16), [4]).dtype == torch.float32


def test_what_has_the_extents_stays() -> None:
    maps = torch.randn(1, 2, 2, 2, 2)
    assert resize_maps(maps, (2, 2, 2, 2)) is maps
