from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny
from torch import nn

from striate.errors import InputError
from striate.explain.ascent.objectives import ClassScore, Unit
from striate.explain.ascent.visualisation import SETTINGS, find_bounds, find_scale, find_shape, find_steps, visualise
from striate.explain.look import Look


def make_look(channels: int = 1, axes: int = 2, module: nn.Module | None = None, **about: Any) -> Look:
    options = {**SETTINGS, "steps": 6, "starts": 1, **about.pop("options", {})}
    return Look(module or make_tiny(axes, channels), (channels, *[9] * axes), options=options, **about)


def test_the_result_says_what_was_made_and_how_far_it_rose() -> None:
    look = make_look(3, mean=(0.4,) * 3, std=(0.2,) * 3, rate=None)
    made = visualise(look, [ClassScore(1), Unit("0", 2)], title="both")
    assert (len(made), made.title, made.objective, made.labels) == (2, "both", ("class:1", "0:2"), ("class:1", "0:2"))
    assert made.images.shape == made.inputs.shape == (2, 3, 9, 9)
    assert made.history.shape == (2, 7)
    assert made.started == tuple(made.history[:, 0].tolist())
    assert made.reached == tuple(made.history[:, -1].tolist())
    assert made.captions == tuple(f"{a:.3g} to {b:.3g}" for a, b in zip(made.started, made.reached, strict=True))
    net: Any = look.module.eval()
    with torch.no_grad():
        assert made.reached[0] == pytest.approx(net(made.inputs)[0, 1].item(), abs=1e-5)
        assert made.reached[1] == pytest.approx(net[0](made.inputs)[1, 2].mean().item(), abs=1e-5)


def test_pictures_are_the_inputs_without_the_normalisation() -> None:
    look = make_look(2, mean=(0.4, 0.1), std=(0.2, 0.5))
    made = visualise(look, [ClassScore(0)], title="")
    mean, std = (torch.tensor(values).reshape(2, 1, 1) for values in (look.mean, look.std))
    torch.testing.assert_close(made.images, made.inputs * std + mean)
    assert 0 <= made.images.min() < made.images.max() <= 1


def test_without_a_normalisation_the_range_is_that_of_inputs_at_hand_or_a_guess() -> None:
    inputs = draw_inputs(2, 2, batch=5)
    bounds, notes = find_bounds(make_look(2, inputs=inputs))
    assert bounds.low == pytest.approx([float(inputs[:, channel].min()) for channel in range(2)])
    assert bounds.high == pytest.approx([float(inputs[:, channel].max()) for channel in range(2)])
    assert notes == ()
    fetched, _ = find_bounds(make_look(2, inputs=9 * inputs, fetch=lambda count: (inputs[:count], torch.zeros(count))))
    assert fetched == bounds
    guessed, said = find_bounds(make_look(2))
    assert (guessed.low, guessed.high) == ((-2.0, -2.0), (2.0, 2.0))
    assert said == ("values between -2 and 2, as if inputs had mean 0 and deviation 1",)
    flat, _ = find_bounds(make_look(1, inputs=torch.ones(2, 1, 9, 9)))
    assert flat.low[0] < flat.high[0]


def test_inputs_limited_by_length_are_shown_around_the_middle() -> None:
    bounds, _ = find_bounds(make_look(1, options={"limit": "norm"}))
    shown = find_scale(bounds, torch.tensor([[[-1.0, 0.0, 4.0]], [[2.0, -2.0, 1.0]]]))
    assert shown.tolist() == [[[0.375, 0.5, 1.0]], [[1.0, 0.0, 0.75]]]


@pytest.mark.parametrize(("size", "shape"), [(None, (1, 9, 9)), (14, (1, 14, 14)), ((7, 12), (1, 7, 12))])
def test_a_network_without_a_fixed_size_takes_any(size: Any, shape: tuple[int, ...]) -> None:
    look = make_look(options={"size": size})
    assert find_shape(look) == shape
    assert visualise(look, [ClassScore(0)], title="").images.shape[1:] == shape


@pytest.mark.parametrize("size", [0, (3,), (3, 3, 3), "large", 2.5, (4, -1)])
def test_a_size_that_is_none_is_refused(size: Any) -> None:
    with pytest.raises(InputError, match=r"size: found .*, needed a number of cells, or one for each of the 2 axes"):
        find_shape(make_look(options={"size": size}))


def test_settings_become_steps() -> None:
    steps = find_steps(make_look(seed=7, options={"rate": 0.1, "jitter": 3, "rotation": 0.0}), (1, 64, 64))
    assert (steps.count, steps.rate, steps.seed, steps.wobble.cells, steps.wobble.degrees) == (6, 0.1, 7, 3, 0.0)
    assert find_steps(make_look(), (1, 64, 32)).wobble.cells == 4
    assert [find_steps(make_look(), shape).rows for shape in ((1, 28, 28), (3, 512, 512), (1, 9999, 9999))] == [
        64,
        5,
        1,
    ]
    with pytest.raises(InputError, match="jitter: found 'much', needed a number of cells"):
        find_steps(make_look(options={"jitter": "much"}), (1, 9, 9))


def test_what_stays_silent_is_told() -> None:
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Threshold(1e6, 0.0), nn.Flatten(), nn.Linear(147, 2))
    made = visualise(make_look(module=net), [Unit("1", 0), Unit("0", 0), Unit("1", 2)], title="")
    assert made.notes[-1] == "nothing raised 1:0, 1:2: silent for all that was tried"


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_a_network_of_another_precision_gets_its_own(dtype: torch.dtype) -> None:
    made = visualise(make_look(module=make_tiny(2).to(dtype)), [ClassScore(0), Unit("0", 1)], title="")
    assert made.inputs.dtype == dtype
    assert made.reached[1] > made.started[1]
