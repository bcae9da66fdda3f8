from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import sqrt
from typing import Any

import pytest
import torch
from tests.explain.tiny import CONVS, EXTENT, make_tiny, take_state
from torch import Tensor, nn
from torch.nn import functional

from striate.errors import InputError
from striate.explain.ascent import Bounds, Canvas, ClassScore, Direction, Objective, Steps, Unit, climb
from striate.explain.ascent.wobble import Wobble

QUICK = Steps(count=12, starts=2)


def make_canvas(channels: int, axes: int, kind: str = "fourier", limit: str = "range", **about: Any) -> Canvas:
    bounds = Bounds((-2.0,) * channels, (2.0,) * channels, limit)
    return Canvas((channels, *[EXTENT] * axes), bounds, kind, **about)


def make_linear(axes: int, channels: int) -> Any:
    torch.manual_seed(axes)
    return nn.Sequential(CONVS[axes](channels, 4, 5), nn.Flatten(), nn.LazyLinear(2))


def find_patch(inputs: Tensor) -> Tensor:
    """What the middle cell of a first convolution of size 5 sees of 9 cells an axis: 2 to 6."""
    for axis in range(2, inputs.ndim):
        inputs = inputs.narrow(axis, 2, 5)
    return inputs


@pytest.mark.parametrize("kind", ["fourier", "cells"])
@pytest.mark.parametrize(("axes", "channels"), [(1, 1), (1, 3), (2, 3), (2, 7), (3, 1)])
def test_by_length_a_linear_units_best_input_is_its_kernel(axes: int, channels: int, kind: str) -> None:
    net = make_linear(axes, channels)
    net(torch.zeros(1, channels, *[EXTENT] * axes))
    made = climb(net, [Unit("0", n, "centre") for n in range(4)], make_canvas(channels, axes, kind, "norm"), Steps(160))
    kernels = net[0].weight.detach()
    cosine = functional.cosine_similarity(find_patch(made.inputs).flatten(1), kernels.flatten(1))
    assert cosine.min() > 0.99
    best = kernels.flatten(1).norm(dim=1) * sqrt(made.inputs[0].numel()) + net[0].bias.detach()
    torch.testing.assert_close(torch.tensor(made.reached), best, rtol=0.01, atol=0)


@pytest.mark.parametrize("kind", ["fourier", "cells"])
@pytest.mark.parametrize(("axes", "channels"), [(1, 3), (2, 1), (3, 1)])
def test_by_range_it_is_the_corner_that_the_kernels_signs_point_to(axes: int, channels: int, kind: str) -> None:
    net = make_linear(axes, channels)
    net(torch.zeros(1, channels, *[EXTENT] * axes))
    steps = Steps(300, rate=0.3)
    made = climb(net, [Unit("0", n, "centre") for n in range(4)], make_canvas(channels, axes, kind), steps)
    kernels = net[0].weight.detach()
    best = 2 * kernels.flatten(1).abs().sum(1) + net[0].bias.detach()
    assert (torch.tensor(made.reached) <= best + 1e-4).all()
    assert (torch.tensor(made.reached) > 0.93 * best).all()
    clear = kernels.abs() > 0.1 * kernels.abs().mean()
    assert (find_patch(made.inputs).sign() == kernels.sign())[clear].float().mean() > 0.97


def draw_rivals(net: Any, objective: Objective, canvas: Canvas, count: int = 48) -> list[float]:
    """The objective of inputs drawn evenly from the range, and painted from noise of several strengths."""
    generator = torch.Generator().manual_seed(9)
    even = 4 * torch.rand(count, *canvas.shape, generator=generator) - 2
    noise = canvas.begin(range(count)) * 10.0 ** torch.linspace(-1, 2, count).reshape(
        -1, *[1] * (len(canvas.shape) + 1)
    )
    found = []
    for inputs in (even, canvas.paint(noise)):
        with torch.no_grad():
            seen, scores = {"4": net[:5](inputs)}, net(inputs)
            found += [float(objective.judge({**seen, "": scores}, row)) for row in range(count)]
    return found


@pytest.mark.parametrize(("axes", "channels"), [(1, 1), (1, 7), (2, 3), (3, 1)])
def test_the_result_beats_the_best_of_many_random_inputs(axes: int, channels: int) -> None:
    net, canvas = make_tiny(axes, channels).eval(), make_canvas(channels, axes)
    objectives: list[Objective] = [
        Unit("4", 2),
        ClassScore(1),
        ClassScore(2) - 0.5 * ClassScore(0),
        Direction("4", torch.tensor([1.0, -1, 1, 0, 0, 1])),
    ]
    made = climb(net, objectives, canvas, Steps(80, rate=0.2))
    for objective, reached, history in zip(objectives, made.reached, made.history, strict=True):
        assert reached > max(draw_rivals(net, objective, canvas)), objective.text
        assert reached == history[-1] > history[0]


MIXED: Sequence[Objective] = (
    Unit("4", 0),
    Unit("4", 1, "centre"),
    ClassScore(0),
    ClassScore(1) - Unit("0", 2),
    Unit("0", 5),
)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3, 7])
@pytest.mark.parametrize("kind", ["fourier", "cells"])
def test_a_batch_is_its_inputs_one_by_one(axes: int, channels: int, kind: str) -> None:
    net = make_tiny(axes, channels).double()
    canvas = make_canvas(channels, axes, kind, dtype=torch.float64)
    steps = replace(QUICK, wobble=Wobble(1, 5.0, 0.05))
    whole = climb(net, MIXED, canvas, steps)
    pairs = climb(net, MIXED, canvas, replace(steps, rows=2))
    torch.testing.assert_close(pairs.inputs, whole.inputs, rtol=0, atol=1e-5)
    for place, objective in enumerate(MIXED):
        alone = climb(net, [objective], canvas, steps)
        torch.testing.assert_close(alone.inputs[0], whole.inputs[place], rtol=0, atol=1e-5)
        torch.testing.assert_close(alone.history[0], whole.history[place], rtol=0, atol=1e-5)


def test_everything_random_follows_from_the_seed() -> None:
    net, canvas = make_tiny(2), make_canvas(1, 2)
    steps = replace(QUICK, wobble=Wobble(2))
    first, again = (climb(net, MIXED[:2], canvas, steps) for _ in range(2))
    assert torch.equal(first.inputs, again.inputs)
    other = climb(net, MIXED[:2], canvas, replace(steps, seed=1))
    assert (first.inputs - other.inputs).abs().max() > 0.1


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_of_it(fails: bool) -> None:
    net: Any = make_tiny(2).train()
    net[-1].weight.grad = torch.ones_like(net[-1].weight)
    before = take_state(net)

    def hear(done: int, total: int) -> None:
        if fails and done == 3:
            raise KeyError

    with suppress(KeyError):
        climb(net, MIXED, make_canvas(1, 2), QUICK, hear)
    assert take_state(net) == before


def test_a_layer_is_read_before_what_works_in_place_after_it() -> None:
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 2, 3))
    inplace = nn.Sequential(plain[0], nn.ReLU(inplace=True), plain[2])
    first, second = (climb(net, [-Unit("0", 1)], make_canvas(1, 2), QUICK) for net in (plain, inplace))
    assert torch.equal(first.inputs, second.inputs)
    assert first.reached[0] > max(first.started[0], 0)  # below 0, where the ReLU would have left nothing


class Silent(nn.Module):
    """Answers only to what is bright, or to nothing at all."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold
        self.rectifier = nn.ReLU()

    def forward(self, inputs: Tensor) -> Tensor:
        fired: Tensor = self.rectifier(inputs - self.threshold)
        return fired.flatten(1).mean(1, keepdim=True)


def test_a_unit_that_is_silent_at_first_is_woken_by_louder_noise() -> None:
    (started,), (reached,) = (
        getattr(climb(Silent(0.8), [Unit("rectifier", 0)], make_canvas(1, 2), Steps(40)), name)
        for name in ("started", "reached")
    )
    assert 0 < started < reached
    dead = climb(Silent(9.0), [Unit("rectifier", 0)], make_canvas(1, 2), QUICK)
    assert dead.started == dead.reached == (0.0,)


def test_progress_is_told_step_by_step_over_all_batches() -> None:
    heard: list[tuple[int, int]] = []
    climb(make_tiny(1), MIXED, make_canvas(1, 1), replace(QUICK, rows=2), lambda *done: heard.append(done))
    assert heard == [(number + 1, 36) for number in range(36)]


def test_what_the_network_cannot_do_is_said_in_one_line() -> None:
    fixed = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 49, 3))
    climb(fixed, [ClassScore(0)], make_canvas(1, 2), QUICK)
    larger = replace(make_canvas(1, 2), shape=(1, 12, 12))
    with pytest.raises(InputError, match=r"size: the network can't take 1x12x12 \(.*\)\. Leave it out"):
        climb(fixed, [ClassScore(0)], larger, QUICK)
    with pytest.raises(InputError, match="layer: found no `conv9`"):
        climb(fixed, [Unit("conv9", 0)], make_canvas(1, 2), QUICK)
    with pytest.raises(InputError, match="found class 3, needed one from 0 to 2"):
        climb(fixed, [ClassScore(3)], make_canvas(1, 2), QUICK)
    with pytest.raises(InputError, match="objectives: found none"):
        climb(fixed, [], make_canvas(1, 2), QUICK)


@pytest.mark.parametrize("wrong", [{"count": 0}, {"rate": 0.0}, {"rate": float("nan")}, {"starts": 0}, {"rows": 0}])
def test_steps_that_lead_nowhere_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"needed"):
        Steps(**wrong)
