from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.motion.grids import OUTPUT, list_maps, locate_grids, observe
from striate.explain.motion.motions import Grid


class Skipping(nn.Module):
    """In place, functional, with a layer that no pass uses."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.idle = nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, 2), nn.Conv2d(2, 2, 1)
        self.relu, self.head = nn.ReLU(inplace=True), nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        x = self.relu(x)
        return self.head(F.relu(self.two(x)).mean((2, 3)))  # type: ignore[no-any-return]


def test_layers_are_those_with_extent_in_their_order() -> None:
    assert list_maps(Skipping(), torch.zeros(1, 1, 9, 9)) == ["one", "relu", "two"]
    nested = nn.Sequential(nn.Sequential(nn.Conv1d(1, 1, 2), nn.Dropout()), nn.MaxPool1d(2), nn.Conv1d(1, 2, 2))
    assert list_maps(nested, torch.zeros(1, 1, 5)) == ["0.0", "1"]


def test_what_is_kept_is_what_the_layer_put_out() -> None:
    module, x = Skipping(), torch.randn(2, 1, 9, 9)
    with torch.no_grad():
        seen = observe(module, x, ["one", "relu", OUTPUT])
        assert torch.equal(seen["one"], module.one(x))
        assert torch.equal(seen["relu"], module.one(x).clamp(min=0))
        assert torch.equal(seen[OUTPUT], module(x))


def test_a_layer_that_is_not_run_is_named() -> None:
    with pytest.raises(InputError, match="layer idle: is not run"):
        observe(Skipping(), torch.zeros(1, 1, 9, 9), ["idle"])


@pytest.mark.parametrize(
    ("layer", "first", "step"),
    [
        (nn.Conv1d(1, 1, 3, padding=1), 0.0, 1.0),
        (nn.Conv1d(1, 1, 5), 2.0, 1.0),
        (nn.Conv1d(1, 1, 3, stride=2, padding=1), 0.0, 2.0),
        (nn.MaxPool1d(2), 0.5, 2.0),
        (nn.ConvTranspose1d(1, 1, 2, stride=2), None, 0.5),
    ],
)
def test_a_cell_stands_in_the_middle_of_what_it_sees(layer: nn.Module, first: float | None, step: float) -> None:
    x = torch.zeros(1, 1, 12)
    grid = locate_grids(nn.Sequential(layer), x, ["0", OUTPUT])[0]
    assert grid["0"] is not None
    assert grid["0"].step == (step,)
    assert first is None or grid["0"].first == (first,)
    assert grid[OUTPUT] == grid["0"]


def test_what_has_no_extent_has_no_grid() -> None:
    grids, notes = locate_grids(Skipping(), torch.zeros(1, 1, 9, 9), ["two", OUTPUT])
    assert grids[OUTPUT] is None
    assert grids["two"] is not None
    assert grids["two"].first == (1.0, 1.0)
    assert not notes


def test_where_fields_are_unknown_cells_span_the_input_evenly() -> None:
    class Strange(nn.Module):
        def forward(self, x: Any) -> Any:
            return x[..., ::2] * (2 if float(x.sum()) > 0 else 1)  # can't be traced without values

    grids, notes = locate_grids(Strange(), torch.ones(1, 1, 8), [OUTPUT])
    assert grids[OUTPUT] == Grid((0.5,), (2.0,))
    assert len(notes) == 1
