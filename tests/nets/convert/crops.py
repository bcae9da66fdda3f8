"""The slow twin of a sliding network: every crop of a larger input, run through the original one by one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from striate.nets.convert import SlidingWindow, fully_convolutional


def run_crops(module: nn.Module, input: Tensor, window: Sequence[int], step: Sequence[int]) -> Tensor:
    """What the module gives for each crop, laid out as the sliding map is."""
    counts = [(extent - size) // move + 1 for extent, size, move in zip(input.shape[2:], window, step, strict=True)]
    rows = []
    for cell in itertools.product(*map(range, counts)):
        crop = input
        for axis, (place, size, move) in enumerate(zip(cell, window, step, strict=True), start=2):
            crop = crop.narrow(axis, place * move, size)
        rows.append(module(crop.contiguous()).flatten(1))
    return torch.stack(rows, -1).reshape(*rows[0].shape, *counts)


def draw_statistics(module: nn.Module) -> nn.Module:
    """Give norms something to do: statistics and weights as after some training; in eval mode."""
    for part in module.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            assert part.running_mean is not None
            assert part.running_var is not None
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
        if isinstance(part, nn.modules.batchnorm._BatchNorm | nn.LayerNorm) and part.weight is not None:
            nn.init.uniform_(part.weight, 0.5, 2)
            nn.init.normal_(part.bias)
    return module.eval()


def check_sliding(
    module: nn.Module, input: tuple[int, ...], extents: tuple[int, ...], step: int | tuple[int, ...]
) -> SlidingWindow:
    """The conversion is exact, moves by `step`, and equals the crops; on the original input the original's numbers."""
    torch.manual_seed(0)
    module = draw_statistics(module).double()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    sliding = fully_convolutional(module, input)
    steps = (step,) * len(extents) if isinstance(step, int) else step
    assert (sliding.window, sliding.step) == (input[1:], steps)
    assert sliding.exact, sliding.why
    assert sliding.why == ""
    with torch.no_grad():
        image = torch.randn(2, input[0], *extents, dtype=torch.float64)
        expected = run_crops(module, image, sliding.window, sliding.step)
        torch.testing.assert_close(sliding(image), expected, rtol=1e-9, atol=1e-9)
        crop = torch.randn(3, *input, dtype=torch.float64)
        alike = module(crop).flatten(1).reshape(3, -1, *[1] * len(extents))
        torch.testing.assert_close(sliding(crop), alike, rtol=1e-9, atol=1e-9)
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    return sliding
