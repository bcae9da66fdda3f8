from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from tests.measure.advice.support import find, find_in, read_numbers
from torch import Tensor, nn


class Nest(nn.Module):
    """A U-Net whose decoder resizes to whatever the encoder had, as many do."""

    def __init__(self, depth: int, mode: str = "nearest", *, joins: bool = True) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(1, 1, 3, padding=1) for _ in range(depth))
        self.mode, self.joins = mode, joins
        self.exact = True

    def forward(self, input: Tensor) -> Tensor:
        kept, maps = [], input
        for conv in self.down:
            kept.append(conv(maps))
            maps = F.max_pool2d(kept[-1], 2)
        for level in reversed(kept):
            self.exact = self.exact and all(2 * n == m for n, m in zip(maps.shape[2:], level.shape[2:], strict=True))
            aligned = {} if self.mode == "nearest" else {"align_corners": True}
            maps = F.interpolate(maps, size=level.shape[2:], mode=self.mode, **aligned)
            maps = maps + level if self.joins else maps
        return maps


@pytest.mark.parametrize("extents", [(32, 32), (20, 32), (30, 17), (16, 9), (8, 24)])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_levels_that_do_not_meet(extents: tuple[int, int], depth: int) -> None:
    module = Nest(depth)
    module(torch.zeros(1, 1, *extents))
    findings = find_in("indivisible-input", module, (1, *extents))
    assert bool(findings) == (not module.exact)
    for finding in findings:
        wanted = [int(number) for number in read_numbers(finding.remedy)]
        fits = Nest(depth)
        fits(torch.zeros(1, 1, *(wanted * 2)[:2]))
        assert fits.exact
        assert all(0 <= want - have < 2**depth for want, have in zip((wanted * 2)[:2], extents, strict=True))


def test_aligned_corners_want_one_more() -> None:
    assert not find_in("indivisible-input", Nest(2, "bilinear"), (1, 17, 33))
    assert find_in("indivisible-input", Nest(2, "bilinear"), (1, 18, 33))
    assert find_in("indivisible-input", Nest(2), (1, 17, 33))


def test_without_a_join_nothing_is_shifted() -> None:
    assert not find_in("indivisible-input", Nest(2, joins=False), (1, 18, 18))


@pytest.mark.parametrize(
    "text",
    [
        "conv3-4/2, add[conv3-4 | ], gap",
        "conv3-4, mul[ | gap, conv1-4, sigmoid], conv3-4/2",
        "cat[ | maxpool2, conv3-4, deconv2-4/2], conv3-4",
    ],
)
def test_networks_whose_cells_meet(text: str) -> None:
    assert not find("indivisible-input", text, (1, 18, 18))
