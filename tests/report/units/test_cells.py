from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from striate.report.units.cells import describe_unit, mix_colour


def make_unit(answer: float, ratio: float, preference: float | None = None) -> Any:
    preferred = None if preference is None else SimpleNamespace(angle=preference)
    return SimpleNamespace(answer=SimpleNamespace(angle=answer, ratio=ratio), preference=preferred)


@pytest.mark.parametrize("angle", [0.0, 0.4, 44.6, 90.0, 179.4, 179.6, 180.0])
def test_an_angle_is_that_of_a_bar_which_has_no_end(angle: float) -> None:
    written = int(describe_unit(make_unit(0, 1, angle)).split("°")[0])
    assert 0 <= written < 180
    assert math.isclose(math.cos(math.radians(2 * written)), math.cos(math.radians(2 * angle)), abs_tol=0.02)


def test_what_isn_t_known_is_left_out() -> None:
    assert describe_unit(make_unit(12, 1.84, 30)) == "30°, 1.8"
    assert describe_unit(make_unit(12, 1.84)) == "12°, 1.8"
    assert describe_unit(make_unit(math.nan, 1e9)) == "99.0"
    assert describe_unit(make_unit(math.nan, math.nan)) == "silent"


def test_a_direction_is_seen_on_grey_and_its_opposite_as_the_rest() -> None:
    for direction in ((1.0, 0.2, -0.3), (-0.1, -0.9, 0.4)):
        colour, opposite = mix_colour(direction), mix_colour(tuple(-part for part in direction))
        assert max(map(abs, (part - 0.5 for part in colour))) == 0.5
        assert all(one + other == pytest.approx(1) for one, other in zip(colour, opposite, strict=True))
    assert mix_colour((0.0, 0.0, 0.0)) == (0.5, 0.5, 0.5)
