"""Where a weight is used, against the derivative of every cell of the output by that weight."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.explain.sums import find_layer, find_uses, list_layers, play
from striate.layers.convolutions import make_convolution, make_transposed
from striate.layers.local import LocalConv

CASES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "conv1d": (lambda: make_convolution(1, 4, 6, 3, 2, [(2, 1)], 2, groups=2, padding_mode="reflect"), (4, 9)),
    "conv2d": (lambda: make_convolution(2, 2, 3, 3, pads=[(1, 1)] * 2), (2, 6, 5)),
    "conv3d": (lambda: make_convolution(3, 2, 3, 2, 2, [(1, 0)] * 3), (2, 5, 4, 3)),
    "deconv2d": (lambda: make_transposed(2, 4, 6, 3, 2, [(1, 0)] * 2, groups=2), (4, 4, 3)),
    "cropped": (lambda: make_transposed(1, 2, 3, 3, 2, [(0, 2)]), (2, 6)),
    "local": (lambda: LocalConv(4, 4, (6, 5), 2, pads=[(1, 0)] * 2, groups=2), (4, 6, 5)),
    "dense": (lambda: nn.Linear(5, 3), (4, 5)),
}


@pytest.mark.parametrize("name", CASES)
def test_uses_against_derivatives(name: str) -> None:
    torch.manual_seed(0)
    make, shape = CASES[name]
    module, x = make(), torch.randn(1, *shape)
    playing = play(module, x)
    weight = dict(module.named_parameters())["weight"]
    generator = np.random.default_rng(1)
    for _ in range(4):
        index = tuple(int(generator.integers(extent)) for extent in weight.shape)
        uses = find_uses(playing, list_layers(playing.trace)[-1], index)
        wanted = np.zeros(module(x).shape[1:])
        for cell in np.ndindex(wanted.shape):
            wanted[cell] = torch.autograd.grad(module(x)[(0, *cell)], weight)[0][index]
        found = np.zeros_like(wanted)
        for output, met in zip(uses.outputs, uses.inputs, strict=True):
            found[tuple(output)] += float(x[(0, *met)]) if met[0] >= 0 else 0.0
        assert np.allclose(found, wanted, atol=1e-6)
        assert uses.value == float(weight.detach()[index])
        assert len(uses.outputs) >= (wanted != 0).sum() > 0


def test_layers_without_weights_say_so() -> None:
    playing = play(nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU()), torch.randn(1, 1, 7))
    with pytest.raises(InputError, match="layer 1: it multiplies by no weights of its own"):
        find_uses(playing, find_layer(playing, "1"), (0, 0, 0))
    with pytest.raises(InputError, match=r"weight: found 0, 0, 3, needed an index into 0\.weight, 2x1x3"):
        find_uses(playing, find_layer(playing, "0"), (0, 0, 3))
