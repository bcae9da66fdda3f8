from __future__ import annotations

import pytest
import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.ascent.objectives import SCORES, ClassScore, Direction, Objective, Unit


def make_seen() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = {"conv1": (2, 4, 5, 6), "fc": (2, 3), SCORES: (2, 3)}
    return {name: torch.randn(shape, generator=generator, dtype=torch.float64) for name, shape in shapes.items()}


SEEN = make_seen()


def judge(objective: Objective, row: int = 1) -> float:
    return float(objective.judge(SEEN, row))


def test_a_unit_is_its_maps_mean_or_one_cell() -> None:
    values = SEEN["conv1"][1, 2].tolist()
    assert judge(Unit("conv1", 2)) == pytest.approx(sum(map(sum, values)) / 30)
    assert judge(Unit("conv1", 2, "centre")) == values[2][3]
    assert judge(Unit("conv1", 2, (4, 0))) == values[4][0]
    assert judge(Unit("fc", 1)) == judge(Unit("fc", 1, "centre")) == SEEN["fc"][1, 1]


def test_a_class_is_its_score_and_a_direction_a_weighted_sum_of_units() -> None:
    assert judge(ClassScore(2), 0) == SEEN[SCORES][0, 2]
    weights = [0.5, -1.0, 2.0, 0.0]
    direction = Direction("conv1", torch.tensor(weights))
    assert judge(direction) == pytest.approx(sum(w * judge(Unit("conv1", n)) for n, w in enumerate(weights)))


def test_objectives_add_subtract_and_take_weights() -> None:
    a, b, c = Unit("conv1", 0), Unit("conv1", 1, "centre"), ClassScore(1, "cat")
    mixed = (2 * a - b) / 4 + c * 3 - (a - 0.5 * b)
    expected = (2 * judge(a) - judge(b)) / 4 + 3 * judge(c) - judge(a) + 0.5 * judge(b)
    assert judge(mixed) == pytest.approx(expected)
    assert judge(-a) == -judge(a)
    assert mixed.layers == {"conv1", SCORES}
    assert mixed.text == "0.5*conv1:0 - 0.25*conv1:1@centre + 3*class:cat - conv1:0 + 0.5*conv1:1@centre"
    assert (-a).text == "-conv1:0"


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        (Unit("conv1", 4), "conv1:4: found unit 4, needed one from 0 to 3"),
        (Unit("conv1", 0, (5, 0)), "conv1:0@5,0: found a cell outside the unit's map of 5x6"),
        (Unit("conv1", 0, (1,)), "found a cell outside the unit's map of 5x6"),
        (ClassScore(3), "class:3: found class 3, needed one from 0 to 2"),
        (Direction("conv1", torch.ones(3)), r"conv1:direction: found \[3\], needed one number for each of 4 units"),
        (Unit("conv1", 0) - Unit("conv1", 9), "conv1:9: found unit 9"),
    ],
)
def test_what_a_layer_lacks_is_said(objective: Objective, message: str) -> None:
    with pytest.raises(InputError, match=message):
        objective.check(SEEN)
    for fine in (Unit("conv1", 3, (4, 5)), ClassScore(2), Direction("conv1", torch.ones(4))):
        fine.check(SEEN)
