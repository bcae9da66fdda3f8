"""The controls: chance that depends on the sample alone, and edges as scipy's Sobel filter finds them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import sobel

from striate.explain.trust.controls import draw_random, find_edges


@pytest.mark.parametrize("extents", [(9,), (5, 8), (4, 5, 6), (1, 7)])
@pytest.mark.parametrize("channels", [1, 3, 7])
def test_edges_are_sobels(extents: tuple[int, ...], channels: int) -> None:
    inputs = torch.randn(2, channels, *extents)
    slopes = [
        sobel(inputs[sample, channel].double().numpy(), axis, mode="nearest")
        for sample in range(2)
        for channel in range(channels)
        for axis in range(len(extents))
    ]
    squares = np.square(slopes).reshape(2, channels * len(extents), *extents)
    assert find_edges(inputs).numpy() == pytest.approx(np.sqrt(squares.sum(1)), abs=1e-4)


def test_chance_depends_on_the_sample_and_the_seed_alone() -> None:
    inputs = torch.randn(3, 2, 4, 5)
    drawn = draw_random(inputs, 7)
    assert drawn.shape == (3, 4, 5)
    assert torch.equal(draw_random(inputs[1:2], 7)[0], drawn[1])
    assert torch.equal(draw_random(inputs.flip(0), 7).flip(0), drawn)
    assert not torch.equal(draw_random(inputs, 8), drawn)
    assert not torch.equal(drawn[0], drawn[1])
    assert torch.equal(draw_random(inputs[:1], -1), draw_random(inputs[:1], -1))
