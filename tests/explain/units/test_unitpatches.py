from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from tests.explain.backward.test_projection import make_net, project_by_hand
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.units.unitpatches import find_unit_patches
from striate.explain.views import VIEWS


def make_look(net: nn.Module, data: Tensor, **options: Any) -> Look:
    def fetch(most: int) -> tuple[Tensor, Tensor]:
        return data[:most], torch.zeros(len(data[:most]), dtype=torch.int64)

    return Look(net, tuple(data.shape[1:]), fetch=fetch, layer="4", mean=(0.5,), std=(0.25,), options=options)


def test_units_with_patches_and_projections_and_no_trace() -> None:
    net, samples = make_net(2, 1).train(), torch.randn(12, 1, 8, 8, dtype=torch.float64)
    heard: list[tuple[int, int]] = []
    look = replace(make_look(net, samples, units=(3, 1), count=4, rows=5), on_progress=lambda *both: heard.append(both))
    found = find_unit_patches(look)
    assert net.training
    assert heard[-1] == (12, 12)
    assert (found.units, found.layer, found.searched, found.notes) == ((3, 1), "4", 12, ())
    net.eval()
    for unit, patches in zip(found.units, found.patches, strict=True):
        with torch.no_grad():
            tops = net[:5](samples)[:, unit].flatten(1).amax(1)
        assert list(patches.sample) == tops.argsort(descending=True, stable=True)[:4].tolist()
        assert patches.inputs.shape == (4, 1, 8, 8), "the field of 8 cells is as wide as the input"
        assert patches.projections is not None
        for number, sample in enumerate(patches.sample):
            by_hand = project_by_hand(net, samples[sample : sample + 1], unit)[0]
            assert float((patches.projections[number] - by_hand).abs().max()) < 1e-12


def test_the_first_units_of_the_last_layer_by_default() -> None:
    samples = torch.randn(6, 1, 8, dtype=torch.float64)
    found = find_unit_patches(replace(make_look(make_net(1, 1), samples, samples=4), layer=None))
    assert (found.layer, found.units, found.searched) == ("4", (0, 1, 2, 3, 4), 4)
    (one,) = find_unit_patches(replace(make_look(make_net(1, 1), samples), unit=2)).units
    assert one == 2


def test_a_network_without_relus_has_patches_alone_and_says_why() -> None:
    net = make_net(1, 1)
    net[1], net[4] = nn.GELU(), nn.Tanh()
    found = find_unit_patches(make_look(net, torch.randn(5, 1, 8, dtype=torch.float64)))
    assert all(patches.projections is None for patches in found.patches)
    assert found.notes[0].startswith("Without projections: the network: found Gelu, Tanh alone")


def test_what_is_missing_or_wrong_raises() -> None:
    look = make_look(make_net(1, 1), torch.randn(5, 1, 8, dtype=torch.float64))
    with pytest.raises(InputError, match="needs a data set"):
        find_unit_patches(replace(look, fetch=None))
    with pytest.raises(InputError, match="count: found 0"):
        find_unit_patches(replace(look, options={"count": 0}))
    with pytest.raises(InputError, match="units: found 9"):
        find_unit_patches(replace(look, unit=9))
    assert VIEWS["patches"].needs == ("data",)
