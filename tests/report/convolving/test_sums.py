from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.report.test_costs import check_layout, find_texts
from torch import nn

from striate.explain.convolving.sums import sum_units
from striate.report.convolving.tones import write_value
from striate.report.figures import figure

LAYERS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "grey": (nn.Conv2d(1, 3, 3), (1, 20, 30)),
    "colour": (nn.Conv2d(3, 9, 7, stride=2), (3, 30, 20)),
    "deep": (nn.Conv2d(14, 3, (1, 5)), (14, 9, 30)),
    "depthwise": (nn.Conv2d(3, 3, 3, groups=3), (3, 12, 12)),
    "series": (nn.Conv1d(5, 4, 9), (5, 700)),
    "volume": (nn.Conv3d(2, 3, 3), (2, 5, 9, 9)),
}


@pytest.mark.parametrize(
    ("name", "unit"), [*((name, None) for name in LAYERS), ("deep", 1), ("series", 1), ("grey", 1)]
)
def test_every_unit_can_be_read(name: str, unit: int | None) -> None:
    layer, shape = LAYERS[name]
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    found = sum_units(nn.Sequential(layer), "0", inputs, unit, name="folder/p.png")
    picture: Any = figure(found)
    check_layout(picture)
    texts = " ".join(text.get_text() for text in find_texts(picture))
    bias: Any = layer.bias
    assert f"bias {write_value(float(bias[1].detach()))}" in texts
    assert "p.png through" in texts
