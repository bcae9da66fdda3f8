from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.surface.directions import draw_direction
from striate.explain.surface.landscape import STATISTICS, Surface, compute_surface, order_cells, reveal_surface


class Plain(nn.Module):
    """Functional calls, and one layer used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(2, 2, 3, padding=1), nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv(F.relu(self.conv(x))))
        return self.head(x.mean((2, 3)))  # type: ignore[no-any-return]


def make_look(module: nn.Module | None = None, **settings: Any) -> Look:
    torch.manual_seed(0)
    inputs, labels = torch.randn(20, 2, 5, 5), torch.arange(20) % 3
    options = {"cells": 5, "samples": 20, **settings.pop("options", {})}
    fetch = settings.pop("fetch", lambda count: (inputs[:count], labels[:count]))
    return Look(module or Plain(), (2, 5, 5), "plain", fetch=fetch, options=options, **settings)


def test_every_cell_is_the_loss_of_a_copy_with_those_weights() -> None:
    look = make_look(seed=3)
    surface = compute_surface(look)
    inputs, labels = make_look().fetch(20)  # type: ignore[misc]
    generator = torch.Generator().manual_seed(3)
    one, two = draw_direction(look.module, generator), draw_direction(look.module, generator)
    for row, a in enumerate(surface.steps):
        for column, b in enumerate(surface.steps):
            twin = copy.deepcopy(look.module)
            with torch.no_grad():
                for name, parameter in twin.named_parameters():
                    if name in one:
                        parameter.add_(a * one[name] + b * two[name])
                loss = float(F.cross_entropy(twin(inputs), labels))
            assert float(surface.losses[0, row, column]) == pytest.approx(loss, rel=1e-5)


def test_the_middle_is_the_true_loss_to_the_last_bit() -> None:
    look = make_look()
    inputs, labels = look.fetch(20)  # type: ignore[misc]
    with torch.no_grad():
        true = float(F.cross_entropy(look.module(inputs).double(), labels, reduction="sum")) / 20
    surface = compute_surface(look)
    assert surface.centres == (true,)
    assert surface.steps == (-1.0, -0.5, 0.0, 0.5, 1.0)
    assert surface.known == 1


def test_networks_stand_side_by_side_each_as_if_alone() -> None:
    torch.manual_seed(5)
    other = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(36, 3)).train()
    both = compute_surface(make_look(beside={"other": other}))
    alone = compute_surface(make_look(other))
    assert both.names == ("plain", "other")
    assert torch.equal(both.losses[1], alone.losses[0])
    assert both.notes == (STATISTICS,)
    assert other.training


def test_nothing_of_the_network_changes() -> None:
    module = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(36, 3))
    kept, state = {name: value.clone() for name, value in module.state_dict().items()}, torch.get_rng_state()
    look = make_look(module)
    torch.set_rng_state(state)
    compute_surface(look)
    assert all(torch.equal(value, kept[name]) for name, value in module.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in module.parameters())


def test_order_is_from_coarse_to_fine_and_names_each_cell_once() -> None:
    for cells in (3, 9, 21):
        levels = order_cells(cells)
        listed = [cell for level in levels for cell in level]
        assert sorted(listed) == [(row, column) for row in range(cells) for column in range(cells)]
        assert listed[0] == (cells // 2, cells // 2)
        assert [len(level) for level in levels] == sorted(len(level) for level in levels)


def test_levels_are_revealed_one_after_the_other() -> None:
    surfaces = list(reveal_surface(make_look()))
    assert [int((~each.losses.isnan()).sum()) for each in surfaces] == [1, 9, 25]
    last = surfaces[-1].losses
    for each in surfaces:
        assert torch.equal(each.losses.nan_to_num(0), torch.where(each.losses.isnan(), 0, last))


def raise_at(count: int) -> Any:
    def hear(done: int, total: int) -> None:
        if done == count:
            raise KeyboardInterrupt

    return hear


@pytest.mark.parametrize("hear", [lambda done, total: done < 7, raise_at(7)])
def test_what_is_known_outlives_an_interruption(hear: Any) -> None:
    surface, whole = compute_surface(make_look(on_progress=hear)), compute_surface(make_look())
    known = ~surface.losses.isnan()
    assert int(known.sum()) == 7
    assert torch.equal(surface.losses[known], whole.losses[known])
    assert surface.known == 7 / 25
    assert surface.centres == whole.centres


def test_an_interruption_before_anything_is_known_goes_on() -> None:
    def interrupt(count: int) -> tuple[Tensor, Tensor]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_surface(make_look(fetch=interrupt))
    with pytest.raises(KeyboardInterrupt):
        compute_surface(make_look(beside={"other": Plain()}, on_progress=raise_at(1)))


def test_flatness_counts_known_cells_up_to_twice_the_middle() -> None:
    losses = torch.tensor([[[1.0, 2.5, math.nan], [1.9, 1.0, 2.0], [math.inf, 3.0, 0.5]]], dtype=torch.float64)
    assert Surface(("a",), (-1.0, 0.0, 1.0), losses, 4).flatness == (5 / 8,)


@pytest.mark.parametrize("options", [{"cells": 4}, {"cells": 1}, {"span": 0.0}, {"rows": 0}, {"far": 1}])
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        compute_surface(make_look(options=options))


def test_networks_without_a_plane_are_refused() -> None:
    with pytest.raises(InputError, match="plain: found no filters"):
        compute_surface(make_look(nn.Sequential(nn.BatchNorm2d(2), nn.AdaptiveAvgPool2d(1))))
    with pytest.raises(InputError, match="two networks called plain"):
        compute_surface(make_look(beside={"plain": Plain()}))
