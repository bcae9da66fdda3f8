"""Full scale is 1, whatever a sample is stored in: the greatest byte, the least int16, a float as it is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.data.part import full_scale
from striate.train.scale import FULL_SCALE, to_full_scale


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16])
def test_every_value_becomes_its_share_of_full_scale(dtype: torch.dtype) -> None:
    info = torch.iinfo(dtype)
    values = torch.arange(info.min, info.max + 1).to(dtype)
    scaled = to_full_scale(values)
    assert scaled.dtype == torch.float32
    assert max(abs(float(scaled.min())), float(scaled.max())) == 1
    expected = values.double() / (255 if dtype == torch.uint8 else 32768)
    assert torch.allclose(scaled.double(), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_floats_are_the_very_tensor(dtype: torch.dtype) -> None:
    values = torch.tensor([-2.0, 0.5, 3.0], dtype=dtype)
    assert to_full_scale(values) is values


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_data_and_training_mean_the_same_by_full_scale(dtype: type[np.number]) -> None:
    values = np.zeros(1, dtype)
    assert full_scale(values) == FULL_SCALE.get(torch.from_numpy(values).dtype, 1)
