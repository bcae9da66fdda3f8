"""A sum as text: the lines add up to the number that is shown."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

from striate.explain.sums import play, spell_cell, write_sum


def test_the_lines_add_up() -> None:
    module, x = nn.Conv1d(2, 1, 3, padding=1), torch.randn(1, 2, 6)
    spelled = spell_cell(play(module, x), 0, (0, 0))
    text = write_sum(spelled)
    products = [float(found) for found in re.findall(r"\* \S+ = (\S+)   ", text)]
    assert len(products) == 6
    assert text.count("padding") == 3
    bias = dict(module.named_parameters())["bias"].detach()
    assert sum(products) + float(bias[0]) == pytest.approx(float(module(x).detach()[0, 0, 0]), abs=1e-5)
    parts = re.search(r"by channel: (\S+), (\S+)", text)
    assert parts is not None
    assert float(parts[1]) + float(parts[2]) == pytest.approx(sum(products), abs=1e-5)
    assert "... and 4 more" in write_sum(spelled, 2)
