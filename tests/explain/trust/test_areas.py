"""Deletion and insertion areas against a plain loop that takes cells away one list at a time."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn

from striate.explain.question import Question
from striate.explain.trust.areas import STEPS, find_area, measure_areas, order_cells
from striate.explain.trust.blurring import blur
from striate.explain.trust.controls import draw_random
from striate.explain.trust.responding import choose_response


def make_net(channels: int, axes: int) -> nn.Module:
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1](channels, 3, 3, padding=1)
    return nn.Sequential(conv, nn.Tanh(), nn.Flatten(2), nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Linear(12, 3))


def loop_areas(module: nn.Module, one: Tensor, target: int, heat: Tensor, chance: Tensor) -> tuple[float, float]:
    """Both areas of one sample: cell by cell in Python, one pass for every point of the curves."""
    cells: list[tuple[int, ...]] = [*itertools.product(*(range(extent) for extent in heat.shape))]
    cells.sort(key=lambda cell: (-float(heat[cell]), -float(chance[cell])))
    away, back = one.clone(), blur(one[None])[0]
    curves: list[list[float]] = [[], []]
    gone = 0
    for step in range(STEPS + 1):
        while gone < round(len(cells) * step / STEPS):
            place: tuple[slice | int, ...] = (slice(None), *cells[gone])
            away[place], back[place] = 0, one[place]
            gone += 1
        for curve, series in zip(curves, (away, back), strict=True):
            curve.append(float(module(series[None]).softmax(1)[0, target]))
    deletion, insertion = (sum(map(sum, itertools.pairwise(curve))) / 2 / STEPS for curve in curves)
    return deletion, insertion


@pytest.mark.parametrize(("channels", "extents"), [(1, (23,)), (3, (6, 7)), (2, (3, 4, 5))])
@pytest.mark.parametrize("rows", [1, 5, 64])
def test_areas_are_the_loops(channels: int, extents: tuple[int, ...], rows: int) -> None:
    torch.manual_seed(0)
    module, inputs = make_net(channels, len(extents)).double(), torch.randn(3, channels, *extents, dtype=torch.float64)
    heat = torch.randint(-2, 3, (3, *extents)).double()  # ties, and both signs
    question = Question(module, inputs, torch.tensor([0, 2, 1]))
    found = measure_areas(choose_response(question), inputs, heat, 5, rows)
    chance = draw_random(inputs, 5)
    with torch.no_grad():
        expected = [loop_areas(module, *each) for each in zip(inputs, (0, 2, 1), heat, chance, strict=True)]
    assert found.flatten().tolist() == pytest.approx([*itertools.chain(*expected)], abs=1e-6)


def test_a_flat_map_is_as_good_as_a_random_one() -> None:
    module, inputs = make_net(1, 2), torch.randn(2, 1, 5, 5)
    respond = choose_response(Question(module, inputs, torch.zeros(2, dtype=torch.int64)))
    flat = measure_areas(respond, inputs, torch.zeros(2, 5, 5), 0, 64)
    assert torch.equal(flat, measure_areas(respond, inputs, draw_random(inputs, 0), 0, 64))


def test_the_hottest_goes_first_and_what_speaks_against_last() -> None:
    heat = torch.tensor([[[-5.0, 0.0], [2.0, 9.0]]])
    assert order_cells(heat, torch.rand(1, 2, 2)).tolist() == [[[3, 2], [1, 0]]]


def test_sixteen_steps_are_near_to_all() -> None:
    steep = torch.linspace(0, 1, 1025).mul(-9).exp()
    coarse = steep[:: 1024 // STEPS]
    assert float(find_area(coarse)) == pytest.approx(float(find_area(steep)), abs=0.01)


def test_symbols_are_put_back_into_zeros_and_never_into_a_blur() -> None:
    inputs, seen = torch.tensor([[[3.0, 1.0, 4.0, 2.0]]]), []

    def respond(rows: torch.Tensor, sample: int) -> torch.Tensor:
        seen.append(rows)
        return rows.sum((1, 2)) / 10

    found = measure_areas(respond, inputs, torch.tensor([[4.0, 1.0, 3.0, 2.0]]), 0, 64, symbols=True)
    deletion, insertion = seen[0].chunk(2)
    assert torch.equal(
        deletion + insertion, inputs.expand(STEPS + 1, 1, 4).squeeze(0)[:, None, 0]
    )  # each the rest of the other
    assert set(seen[0].flatten().tolist()) == {0.0, 1.0, 2.0, 3.0, 4.0}
    assert found.sum().item() == pytest.approx(1.0)
