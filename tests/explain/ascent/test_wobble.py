from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.ascent.wobble import Wobble, turn


def draw_inputs(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("extents", [(9,), (6, 7), (5, 4, 6)])
def test_a_move_takes_every_cell_along_round_the_edge(extents: tuple[int, ...]) -> None:
    inputs, seen = draw_inputs(2, 3, *extents), set()
    for seed in range(30):
        moved = Wobble(cells=2).apply(inputs, torch.Generator().manual_seed(seed))
        first = (moved[0, 0] == inputs[0, 0].flatten()[0]).nonzero()[0].tolist()
        for cell in product(*map(range, extents)):
            there: Any = (..., *((at + by) % extent for at, by, extent in zip(cell, first, extents, strict=True)))
            here: Any = (..., *cell)
            assert torch.equal(moved[there], inputs[here])
        seen.add(tuple(by - extent if by > extent / 2 else by for by, extent in zip(first, extents, strict=True)))
    assert len(seen) > 4
    assert max(abs(step) for move in seen for step in move) == 2


def test_a_batch_is_changed_alike_and_as_the_seed_says() -> None:
    inputs, wobble = draw_inputs(3, 1, 8, 8), Wobble(2, 20.0, 0.1)
    whole = wobble.apply(inputs, torch.Generator().manual_seed(5))
    for row in range(3):
        torch.testing.assert_close(wobble.apply(inputs[row : row + 1], torch.Generator().manual_seed(5))[0], whole[row])
    assert not torch.equal(wobble.apply(inputs, torch.Generator().manual_seed(6)), whole)


def test_none_leaves_inputs_as_they_are() -> None:
    inputs = draw_inputs(1, 2, 5, 5)
    assert torch.equal(Wobble().apply(inputs, torch.Generator()), inputs)
    volume = draw_inputs(1, 1, 4, 4, 4)
    assert torch.equal(Wobble(0, 30.0, 0.2).apply(volume, torch.Generator()), volume)  # pictures alone are turned


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 1), (180, 2), (-90, -1)])
def test_quarter_turns_are_exact(degrees: float, quarters: int) -> None:
    inputs = draw_inputs(2, 3, 7, 7)
    torch.testing.assert_close(turn(inputs, degrees, 1.0), inputs.rot90(quarters, (2, 3)))


def test_a_turn_keeps_distances_in_an_oblong_picture() -> None:
    rows, columns = torch.meshgrid(torch.arange(40.0) - 19.5, torch.arange(80.0) - 39.5, indexing="ij")
    away = (rows.square() + columns.square()).sqrt()
    ring = (-(away - 12).square() / 8).exp()[None, None]
    assert (turn(ring, 30.0, 1.0) - ring)[..., away < 18].abs().max() < 0.06  # further out, the edge is mirrored
    spot = (rows.square() + (columns - 12).square()).lt(6).double()[None, None]
    turned = turn(spot, 30.0, 1.0)[0, 0] * (away < 18)
    middle = torch.stack([(turned * rows).sum(), (turned * columns).sum()]) / turned.sum()
    assert middle.norm() == pytest.approx(12, abs=0.2)
    assert abs(middle[0]) == pytest.approx(6, abs=0.3)


def test_a_scale_of_two_doubles_what_is_in_the_middle() -> None:
    inputs = torch.zeros(1, 1, 8, 8)
    inputs[..., 3:5, 3:5] = 1
    assert turn(inputs, 0.0, 2.0).sum() == pytest.approx(16, rel=0.05)


@pytest.mark.parametrize("wrong", [{"cells": -1}, {"degrees": -5.0}, {"share": 1.0}])
def test_what_is_no_size_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="jitter: found"):
        Wobble(**wrong)  # type: ignore[arg-type]
