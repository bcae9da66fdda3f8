"""The network that cleans waveforms: of any length, and what it answers for silence."""

from __future__ import annotations

import pytest
import torch

import striate
from striate.auto.masking import design_masking


@pytest.mark.parametrize(("channels", "length", "rate"), [(1, 800, 8000.0), (1, 803, 8000.0), (2, 50, 44100.0)])
def test_the_output_is_as_long_as_the_input(channels: int, length: int, rate: float) -> None:
    design = design_masking(channels, length, rate)
    module = striate.build(striate.read(design.text), input=(channels, length), classes=channels).eval()
    with torch.no_grad():
        assert module(torch.randn(2, channels, length)).shape == (2, channels, length)
    assert any("mask" in reason for reason in design.reasons)


def test_the_mask_lets_through_between_nothing_and_all() -> None:
    text = design_masking(1, 416, 8000.0).text.replace("deconv256-classes/32", "gap, flatten, fc-classes")
    module = striate.build(striate.read(text), input=(1, 416), classes=1).eval()
    masks: list[torch.Tensor] = []
    for part in module.modules():
        if isinstance(part, torch.nn.Sigmoid):
            part.register_forward_hook(lambda module, given, found: masks.append(found))
    with torch.no_grad():
        module(torch.randn(1, 1, 416))
    assert masks
    assert float(masks[0].min()) >= 0
    assert float(masks[0].max()) <= 1
