from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.explain.tiny import make_tiny
from torch import nn

import striate
from striate.errors import InputError
from striate.explain.ascent.visualisation import Visualisation

QUICK = {"steps": 6, "starts": 1}


def look_at(net: nn.Module, axes: int = 2, channels: int = 1, **options: Any) -> Visualisation:
    made = striate.explore(net, "visualise", input=(channels, *[9] * axes), **{**QUICK, **options})
    assert isinstance(made, Visualisation)
    return made


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3, 7])
def test_without_a_word_the_first_units_of_the_last_layer_with_places(axes: int, channels: int) -> None:
    made = look_at(make_tiny(axes, channels), axes, channels)
    assert (made.layer, made.objective) == ("4", tuple(f"4:{n}" for n in range(6)))
    assert made.labels == tuple(f"unit {n}" for n in range(6))
    assert made.images.shape == (6, channels, *[9] * axes)


def test_of_a_wide_layer_sixteen_are_shown() -> None:
    assert len(look_at(make_tiny(2, width=20))) == 16


def test_units_are_named_as_a_list_or_alone() -> None:
    net = make_tiny(2)
    listed = look_at(net, layer="0", units=(3, 1))
    assert listed.objective == ("0:3", "0:1")
    alone = look_at(net, layer="0", unit=1)
    assert alone.objective == look_at(net, layer="0", units="1").objective == ("0:1",)
    torch.testing.assert_close(alone.images[0], listed.images[1], rtol=0, atol=1e-5)
    centre = look_at(net, layer="0", units=[1], spot="centre")
    assert centre.objective == ("0:1@centre",)
    assert not torch.allclose(centre.images[0], alone.images[0])


def test_a_layer_without_places_has_units_too() -> None:
    made = look_at(make_tiny(2), layer="7")
    assert made.objective == tuple(f"7:{n}" for n in range(4))


def test_an_objective_may_be_written() -> None:
    net = make_tiny(2)
    made = look_at(net, objective="0:1 - 0.5*0:2@centre + class:3")
    assert made.labels == ("0:1 - 0.5*0:2@centre + class:3",)
    assert made.layer is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": "9"}, "layer: found no `9`"),
        ({"layer": "0", "unit": 6}, "units: found 6, needed numbers from 0 to 5"),
        ({"layer": "0", "units": "1,9"}, "units: found 9, needed numbers from 0 to 5"),
        ({"layer": "0", "units": "all"}, "units: found 'all', needed numbers from 0 to 5"),
        ({"layer": "0", "unit": 1, "units": 2}, "found both unit and units"),
        ({"layer": "0", "units": ()}, "units: found none"),
        ({"spot": "edge"}, "spot: found edge, needed one of mean, centre"),
        ({"objective": "0:1", "layer": "0"}, "objective: names its own layers and units"),
        ({"objective": "0"}, "needed a unit or a class"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        look_at(make_tiny(2), **options)


def test_a_layer_that_is_not_run_is_refused() -> None:
    class Idle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = make_tiny(2), nn.Conv2d(1, 1, 1)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.used(inputs)
            return found

    with pytest.raises(InputError, match="layer idle: it isn't run"):
        look_at(Idle(), layer="idle")
