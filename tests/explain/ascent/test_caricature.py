from __future__ import annotations

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny
from tests.verbs.untrained import make_run

import striate
from striate.errors import InputError


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3, 7])
def test_it_drives_the_layer_further_the_way_the_input_did(axes: int, channels: int) -> None:
    net, inputs = make_tiny(axes, channels), draw_inputs(axes, channels) / 4
    data = (4 * inputs, torch.zeros(2))  # whose range is wider
    made = striate.explore(net, "caricature", inputs, layer="3", steps=60, rate=0.2, data=data)
    assert made.inputs.shape == inputs.shape
    net.eval()
    with torch.no_grad():
        before, after = (net[:4](values).flatten(1) for values in (inputs, made.inputs))
    along = (before * after).sum(1) / before.norm(dim=1)
    cosine = along / after.norm(dim=1)
    assert (along > before.norm(dim=1)).all()  # larger than life
    assert (cosine > 0.5).all()  # and like it
    torch.testing.assert_close(torch.tensor(made.reached), along * cosine.clamp_min(0.1), rtol=1e-4, atol=1e-4)


def test_more_power_is_more_like_the_input() -> None:
    net, inputs = make_tiny(2, 3), draw_inputs(2, 3)
    found = []
    for power in (0.0, 6.0):
        made = striate.explore(net, "caricature", inputs, layer="3", steps=60, rate=0.2, power=power)
        with torch.no_grad():
            one, other = (net.eval()[:4](values).flatten(1) for values in (inputs, made.inputs))
        found.append(torch.cosine_similarity(one, other).mean())
    assert found[1] > found[0] + 0.02


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_batch_is_its_inputs_one_by_one(axes: int) -> None:
    net, inputs = make_tiny(axes).double(), draw_inputs(axes, batch=3).double()
    whole = striate.explore(net, "caricature", inputs, data=(inputs, torch.zeros(3)), steps=8)
    run = make_bounded(axes)
    together = striate.explore(run, "caricature", inputs.sigmoid().numpy(), steps=8)
    for place in range(3):
        alone = striate.explore(run, "caricature", inputs[place : place + 1].sigmoid().numpy(), steps=8)
        torch.testing.assert_close(alone.inputs[0], together.inputs[place], rtol=0, atol=1e-4)
    assert whole.labels == ("input 0", "input 1", "input 2")


def make_bounded(axes: int) -> striate.Run:
    """A run, whose range doesn't hang on the inputs."""
    return make_run("conv3-4, relu, conv3-4/2, relu, gap, flatten, fc-classes", (1, *[9] * axes))


def test_sources_are_shown_beside_on_the_scale_of_pictures() -> None:
    run, values = make_bounded(2), torch.rand(2, 1, 9, 9).numpy()
    made = striate.explore(run, "caricature", values, steps=2)
    torch.testing.assert_close(made.sources, torch.from_numpy(values), rtol=0, atol=1e-6)


def test_inputs_and_a_layer_with_an_output_are_needed() -> None:
    with pytest.raises(InputError, match="caricature: needs inputs"):
        striate.explore(make_tiny(2), "caricature", input=(1, 9, 9))
    with pytest.raises(InputError, match="layer: found no `nine`"):
        striate.explore(make_tiny(2), "caricature", draw_inputs(2), layer="nine")
