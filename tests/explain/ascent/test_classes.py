from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny
from tests.verbs.untrained import make_run
from torch import nn

import striate
from striate.errors import InputError


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_each_classes_picture_is_called_so_more_surely_than_any_noise(axes: int, channels: int) -> None:
    net = make_tiny(axes, channels, seed=1)
    made = striate.explore(net, "classpictures", input=(channels, *[9] * axes), steps=60, rate=0.2)
    with torch.no_grad():
        scores = net.eval()(made.inputs)
        rivals = net(draw_inputs(axes, channels, batch=64).clamp(-2, 2))
    assert made.labels == tuple(f"class {n}" for n in range(4))
    for target, caption in enumerate(made.captions):
        assert scores[target, target] > rivals[:, target].max()
        share = 100 * float(scores[target].softmax(0)[target])
        assert caption == f"score {made.reached[target]:.3g}, {min(share, 99.9):.3g} %"
        assert made.reached[target] == pytest.approx(float(scores[target, target]), abs=1e-4)


def test_a_run_names_its_classes() -> None:
    run = make_run("conv3-4, relu, gap, flatten, fc-classes", (1, 8, 8))
    made = striate.explore(run, "classpictures", steps=3, targets=(2, 0))
    assert (made.labels, made.objective) == (("class2", "class0"), ("class:class2", "class:class0"))
    assert made.title == "What untrained takes for each class"


def test_many_classes_are_cut_short_and_a_lone_score_is_one_class() -> None:
    wide = nn.Sequential(nn.Flatten(), nn.Linear(16, 50))
    assert len(striate.explore(wide, "classpictures", input=(1, 4, 4), steps=1)) == 20
    lone = nn.Sequential(nn.Flatten(), nn.Linear(16, 1))
    made = striate.explore(lone, "classpictures", input=(1, 4, 4), steps=2)
    assert "%" not in made.captions[0]


@pytest.mark.parametrize(("targets", "found"), [(4, "4"), ("0,9", "9"), ("cat", "'cat'"), ((), "none")])
def test_a_class_that_is_not_there_is_refused(targets: Any, found: str) -> None:
    with pytest.raises(InputError, match=f"targets: found {found}, needed"):
        striate.explore(make_tiny(2), "classpictures", input=(1, 9, 9), targets=targets)
