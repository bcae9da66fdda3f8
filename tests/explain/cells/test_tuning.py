from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.cells.gabor import draw_gabor
from striate.explain.cells.tuning import compute_tuning
from striate.explain.look import Look

ANGLES, FREQUENCIES = (0.0, 45.0, 105.0), (0.2, 0.25, 0.16)


def make_v1(channels: int = 1, groups: int = 1) -> nn.Module:
    """A network whose first units are Gabor functions of known angles and frequencies."""
    kernels = [
        draw_gabor((11, 11), np.array([5.0, 5.0, 2.0, 2.5, frequency, math.radians(90 - angle)]))[0]
        for angle, frequency in zip(ANGLES, FREQUENCIES, strict=True)
    ]
    conv = nn.Conv2d(channels, 3, 11, padding=5, groups=groups, bias=False)
    weights = torch.from_numpy(np.stack(kernels))[:, None].expand_as(conv.weight).float()
    conv.weight = nn.Parameter(weights.contiguous())
    return nn.Sequential(
        conv, nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 2)
    )


def test_the_first_cells_are_recovered() -> None:
    found = compute_tuning(Look(make_v1(), (1, 24, 24)))
    assert (found.kernels, found.layer, found.axes) == ("0", "1", 2)
    for unit, angle, frequency in zip(found.units, ANGLES, FREQUENCIES, strict=True):
        assert unit.preference is not None
        assert unit.gabor is not None
        for figures in (unit.preference, unit.gabor):
            assert abs((figures.angle - angle + 90) % 180 - 90) < 2
            assert figures.frequency == pytest.approx(frequency, rel=0.03)
        assert unit.gabor.is_good
        assert unit.answer.angle == angle  # of the gratings shown
        assert unit.answer.kind == "simple"
        assert unit.answer.ratio == pytest.approx(math.pi / 2, rel=0.02)
    assert (found.count("simple"), found.count("complex")) == (3, 0)


def test_answers_follow_the_kernel_s_amplitude() -> None:
    look = Look(make_v1(), (1, 24, 24), options={"frequencies": 9})
    for unit in compute_tuning(look).units:
        assert unit.preference is not None
        at = [unit.preference.curve[step] for step in range(0, 36, 3)]  # every 15 degrees, at the best frequency
        close = np.corrcoef(at, unit.answer.curve)[0, 1]
        assert close > 0.95


def test_a_colour_is_found_under_the_normalisation() -> None:
    module = make_v1(3)
    scale = torch.tensor([1.0, -1.0, 0.0]) * torch.tensor([0.1, 0.2, 0.4])
    with torch.no_grad():
        conv: nn.Parameter = module.get_parameter("0.weight")
        conv.mul_(scale.reshape(1, 3, 1, 1))
    look = Look(module, (3, 24, 24), mean=(0.5,) * 3, std=(0.1, 0.2, 0.4), options={"angles": 4})
    for unit in compute_tuning(look).units:
        assert unit.chroma is not None
        assert np.abs(unit.chroma.direction) == pytest.approx([math.sqrt(0.5), math.sqrt(0.5), 0], abs=1e-6)
        assert unit.chroma.opponency == pytest.approx(1)
        assert unit.answer.colour == "red-green"


def test_groups_see_their_own_channels() -> None:
    found = compute_tuning(Look(make_v1(3, groups=3), (3, 24, 24), options={"angles": 4, "frequencies": 3}))
    directions = [unit.chroma.direction for unit in found.units if unit.chroma]
    assert np.abs(directions) == pytest.approx(np.eye(3))


def test_dilation_lowers_frequencies() -> None:
    torch.manual_seed(0)
    near, far = nn.Conv1d(1, 2, 9), nn.Conv1d(1, 2, 9, dilation=2)
    places = torch.arange(9) - 4.0
    with torch.no_grad():
        for conv in (near, far):
            conv.weight.copy_((torch.exp(-(places**2) / 8) * torch.cos(2 * math.pi * 0.3 * places)).expand(2, 1, 9))
    one, two = (compute_tuning(Look(nn.Sequential(conv), (1, 64))).units[0].preference for conv in (near, far))
    assert one is not None
    assert two is not None
    assert two.frequency in (
        pytest.approx(one.frequency / 2, rel=1e-3),
        pytest.approx(0.5 - one.frequency / 2, rel=1e-3),
    )


def test_a_deeper_layer_is_recorded_alone() -> None:
    found = compute_tuning(Look(make_v1(), (1, 24, 24), layer="4", options={"angles": 4, "frequencies": 3}))
    assert (found.kernels, found.layer, len(found.units)) == (None, "4", 4)
    assert all(unit.preference is None and unit.gabor is None for unit in found.units)


def test_functional_rectifiers_and_double_will_do() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv1d(1, 2, 7)

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(self.first(x)).mean(2)

    module = Own().double().train()
    found = compute_tuning(Look(module, (1, 40), rate=100))
    assert (found.kernels, found.layer, found.axes, found.rate) == ("first", "first", 1, 100)
    assert {unit.answer.kind for unit in found.units} == {"simple"}
    assert module.training


def test_what_has_no_gratings_is_refused() -> None:
    with pytest.raises(InputError, match="found inputs of 3 axes"):
        compute_tuning(Look(nn.Conv3d(1, 1, 3), (1, 5, 5, 5)))
    with pytest.raises(InputError, match="found no convolution that reads the input"):
        compute_tuning(Look(nn.Sequential(nn.Flatten(), nn.Linear(25, 2)), (1, 5, 5)))
    with pytest.raises(InputError, match="option angles is 0"):
        compute_tuning(Look(make_v1(), (1, 24, 24), options={"angles": 0}))
