"""What a network yields: heads of the right form come apart as they are, anything else is named; losses add up."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from striate.errors import ShapeError
from striate.train.heads import SIDE_WEIGHT, add_sides, split_cells, split_rows

NEEDED = "cells: end with conv1-classes."


@pytest.mark.parametrize("axes", [None, 3, 4])
@pytest.mark.parametrize("sides", [0, 2])
def test_cells_come_apart_in_their_order(axes: int | None, sides: int) -> None:
    heads = tuple(torch.randn(2, 3 + head, *[5] * ((axes or 5) - 2)) for head in range(1 + sides))
    main, others = split_cells(heads if sides else heads[0], NEEDED, axes)
    assert main is heads[0]
    assert [id(head) for head in others] == [id(head) for head in heads[1:]]


@pytest.mark.parametrize(
    ("outputs", "axes", "found"),
    [
        (torch.zeros(2), None, "a number"),
        (torch.zeros(2, 7), None, "7"),
        (torch.zeros(2, 3, 4, 5), 3, "3x4x5"),
        (torch.zeros(2, 256), 3, "256"),
        ((torch.zeros(2, 3, 4), torch.zeros(2, 9)), None, "9"),
        ((torch.zeros(2, 3, 4), "words"), None, "str"),
        ((), None, "tuple"),
        ([torch.zeros(2, 3, 4)], None, "list"),
        ({"out": torch.zeros(2, 3, 4)}, 3, "dict"),
    ],
)
def test_any_other_form_of_cells_is_named(outputs: Any, axes: int | None, found: str) -> None:
    with pytest.raises(ShapeError) as caught:
        split_cells(outputs, NEEDED, axes)
    assert str(caught.value) == f"the network yields {found} for each input; needed {NEEDED}"


@pytest.mark.parametrize("sides", [0, 1, 3])
def test_rows_come_apart_in_their_order(sides: int) -> None:
    heads = tuple(torch.randn(2, 3 + head) for head in range(1 + sides))
    main, others = split_rows(heads if sides else heads[0], "it", "number")
    assert main is heads[0]
    assert [id(head) for head in others] == [id(head) for head in heads[1:]]


@pytest.mark.parametrize(
    ("outputs", "found"),
    [
        (torch.zeros(2), "yields a single number for each input; it needs one row of numbers: add gap"),
        (torch.zeros(2, 3, 4), "yields 3x4 for each input; it needs one row of numbers: add gap"),
        ((torch.zeros(2, 3), torch.zeros(2, 3, 4)), "yields 3x4 for each input"),
        ([torch.zeros(2, 3)], "yields a list; it needs a tensor of numbers."),
        ((), "yields a tuple; it needs a tensor of numbers."),
    ],
)
def test_any_other_form_of_rows_is_named(outputs: Any, found: str) -> None:
    with pytest.raises(ShapeError, match=found):
        split_rows(outputs, "it", "number")


@pytest.mark.parametrize("weights", [(), (0.5,), (0.5, 0.0), (0.5, 0.0, 7.0)])
def test_side_losses_count_by_their_weight_or_by_googlenets(weights: tuple[float, ...]) -> None:
    losses = [1.0, 10.0, 100.0]
    full = (*weights, *[SIDE_WEIGHT] * 2)[:2]
    expected = losses[0] + full[0] * losses[1] + full[1] * losses[2]
    assert float(add_sides([torch.tensor(loss) for loss in losses], weights)) == pytest.approx(expected)
    assert float(add_sides([torch.tensor(3.0)], weights)) == 3.0
