from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.cells.gabor import draw_gabor
from striate.explain.cells.recording import Answer, Battery, choose_battery, record
from striate.explain.look import Look


class Cells(nn.Module):
    """A simple cell, a complex one (the energy of a quadrature pair), and one that never answers."""

    def __init__(self) -> None:
        super().__init__()
        even, odd = draw_gabor((11, 11), np.array([5.0, 5.0, 2.0, 2.0, 0.2, math.radians(90 - 60)]))
        self.conv = nn.Conv2d(1, 2, 11, bias=False)
        self.conv.weight = nn.Parameter(torch.from_numpy(np.stack([even, odd])[:, None]).float())
        self.cells = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x - x.mean((2, 3), keepdim=True).detach() * 0)
        answers = torch.stack([x[:, 0].relu(), x[:, 0] ** 2 + x[:, 1] ** 2, 0 * x[:, 0]], 1)
        return self.cells(answers).amax((2, 3))  # type: ignore[no-any-return]


BATTERY = Battery({"achromatic": (1.0,)}, tuple(15.0 * step for step in range(12)), (0.1, 0.15, 0.2, 0.3))


def test_simple_and_complex_cells_are_told_apart() -> None:
    with torch.no_grad():
        simple, energy, silent = record(Look(Cells(), (1, 15, 15)), "cells", BATTERY, 64)
    assert (simple.kind, energy.kind, silent.kind) == ("simple", "complex", "silent")
    assert simple.ratio == pytest.approx(math.pi / 2, rel=0.02)
    assert energy.ratio < 0.05
    assert math.isnan(silent.ratio)
    for cell in (simple, energy):
        assert (cell.angle, cell.frequency) == (60.0, 0.2)
        assert int(np.argmax(cell.curve)) == 4


def test_rows_do_not_change_answers_and_progress_is_told() -> None:
    heard: list[tuple[int, int]] = []
    look = Look(Cells(), (1, 13, 13), on_progress=lambda done, total: heard.append((done, total)))
    battery = Battery({"achromatic": (1.0,)}, (0.0, 60.0), (0.2,))
    with torch.no_grad():
        assert record(look, "cells", battery, 16)[0].f1 == pytest.approx(record(look, "cells", battery, 999)[0].f1)
    assert heard == [(1, 2), (2, 2), (2, 2)]


def test_the_answer_to_grey_is_taken_away() -> None:
    conv = nn.Conv1d(1, 1, 1)
    with torch.no_grad():
        conv.weight.fill_(1)
        conv.bias.fill_(2)  # type: ignore[union-attr]
        (found,) = record(Look(nn.Sequential(conv), (1, 32)), "0", choose_battery((1, 32), 1, 2), 99)
    assert (found.f0, found.f1) == pytest.approx((0, 1), abs=1e-6)
    assert found.ratio > 1e3  # linear, never cut off
    assert found.kind == "simple"
    assert math.isnan(found.circular_variance)


def test_gratings_fill_the_range_of_what_is_normalised() -> None:
    seen: list[Tensor] = []

    class Keep(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x)
            return x

    look = Look(nn.Sequential(Keep()), (3, 16, 16), mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.3))
    battery = choose_battery(look.input, 2, 3)
    with torch.no_grad():
        record(look, "0", battery, 99)
    shown = torch.cat(seen) * torch.tensor(look.std).reshape(1, 3, 1, 1) + torch.tensor(look.mean).reshape(1, 3, 1, 1)
    assert bool(torch.allclose(shown[0], torch.full_like(shown[0], 0.5)))  # the blank
    assert (float(shown.min()), float(shown.max())) == pytest.approx((0, 1), abs=1e-6)
    assert len(shown) == 1 + 3 * 2 * 3 * 16
    assert battery.frequencies == pytest.approx((1 / 16, (1 / 16 * 0.5) ** 0.5, 0.5))


def test_an_opponent_unit_is_driven_by_its_colour() -> None:
    conv = nn.Conv2d(3, 2, 3, bias=False)
    with torch.no_grad():
        conv.weight.zero_()
        conv.weight[0, 0, 1, 1], conv.weight[0, 1, 1, 1] = 1, -1
        conv.weight[1, :, 1, 1] = 1
        found = record(Look(nn.Sequential(conv), (3, 9, 9)), "0", choose_battery((3, 9, 9), 2, 2), 99)
    assert [each.colour for each in found] == ["red-green", "achromatic"]


def test_a_unit_without_mean_is_simple_and_one_without_modulation_complex() -> None:
    def make(f0: float, f1: float) -> Answer:
        return Answer("achromatic", 0.0, 0.1, f0, f1, 0.0, ())

    assert make(0, 1).ratio == math.inf
    assert make(1, 0).ratio == 0
    assert [make(*pair).kind for pair in ((1, 1.1), (1, 0.9), (-1, 0.5), (0, 0))] == [
        "simple",
        "complex",
        "complex",
        "silent",
    ]


def test_a_layer_without_units_is_refused() -> None:
    with pytest.raises(InputError, match="needed one with units"):
        record(Look(nn.Sequential(nn.Flatten(0)), (1, 9, 9)), "0", choose_battery((1, 9, 9), 1, 1), 99)
