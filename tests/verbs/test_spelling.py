"""spell over a module, a run's file and array; inputs as a fresh network takes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.verbs.spelling import fit_samples, scale_values, spell, take_digit, watch


def test_a_module_s_cell_comes_to_the_module_s_number() -> None:
    module, x = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.ReLU()), torch.randn(1, 2, 5, 6)
    spelled = spell(module, x, "0", (2, 0, 5))
    assert spelled.total == pytest.approx(float(module[0](x).detach()[0, 2, 0, 5]), rel=1e-5)
    assert spell(module, x, 1, (0, 2, 2)).kind == "relu"


def test_other_inputs_are_refused() -> None:
    with pytest.raises(InputError, match=r"inputs: found list, needed a tensor"):
        watch(nn.ReLU(), [1.0])
    with pytest.raises(InputError, match=r"inputs: found 2x1x3, needed one, as a batch of 1"):
        watch(nn.ReLU(), torch.rand(2, 1, 3))


def test_a_digit_at_any_size_and_channels() -> None:
    small, digit = take_digit(7, (1, 8, 8))
    large, same = take_digit(7, (3, 28, 28))
    assert (digit, same, large.shape) == (7, 7, (3, 28, 28))
    assert np.array_equal(large[0], large[2])
    assert small.max() == 255
    with pytest.raises(InputError, match="digits: the network takes 1x9, needed a picture"):
        take_digit(0, (1, 9))
    with pytest.raises(InputError, match="digit: found 1797, needed 0 to 1796"):
        take_digit(1797, (1, 8, 8))


def test_values_are_scaled_by_their_type() -> None:
    for kind, divisor in ((np.uint8, 255), (np.int16, 32768), (np.float32, 1)):
        values = np.array([[0, 51, 102]], kind)
        assert torch.allclose(scale_values(values, (1, 3)), torch.tensor([[[0.0, 51.0, 102.0]]]) / divisor)
    with pytest.raises(InputError, match="input: found 1x3, needed 1x4"):
        scale_values(np.zeros((1, 3), np.float32), (1, 4))


def test_sounds_and_clips_are_cut_to_fit() -> None:
    sound = np.arange(8, dtype=np.float32).reshape(2, 4)
    assert fit_samples(sound, (1, 3)).tolist() == [[2.0, 3.0, 4.0]]
    clip = np.arange(3 * 5 * 4 * 4, dtype=np.uint8).reshape(3, 5, 4, 4)
    found = fit_samples(clip, (3, 3, 2, 2))
    assert np.array_equal(found, clip[:, ::2][:, :, ::3][:, :, :, ::3])
    with pytest.raises(InputError, match="found 1 axes, needed 2"):
        fit_samples(sound, (1, 3, 3))
