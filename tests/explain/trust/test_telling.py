"""A map's figures in sentences: their numbers are the trust's own, and all pass where the verdict trusts the map."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny

from striate.explain import explain_module
from striate.explain.trust import Areas, Stage, Trust
from striate.explain.trust.scale import SCALES
from striate.explain.trust.telling import Told, tell_map
from striate.explain.trust.verdict import judge_all, judge_each


def make_trust(deletion: float, insertion: float, edges: float, staying: float) -> Trust:
    """Figures of two maps, of which the second is the one that is told."""
    areas = Areas((0.9, deletion), (0.9, 0.5), (0.9, 0.4)), Areas((0.1, insertion), (0.1, 0.5), (0.1, edges))
    stages = [Stage(("fc",), (0.9, abs(staying)), (0.9, staying)), Stage(("conv",), (0.9, 0.0), (0.9, staying / 2))]
    flat = [False, False]
    return Trust(*areas, tuple(stages), judge_all(*areas, stages, flat), judge_each(*areas, stages, flat))


def find(told: tuple[Told, ...], name: str) -> Told:
    return next(each for each in told if each.name == name)


@pytest.mark.parametrize(
    ("deletion", "insertion", "edges", "staying"), list(product((0.2, 0.49, 0.6), (0.9, 0.51), (0.6, 0.99), (0.1, 0.7)))
)
def test_all_pass_where_the_verdict_trusts_the_map(
    deletion: float, insertion: float, edges: float, staying: float
) -> None:
    trust = make_trust(deletion, insertion, edges, staying)
    told = tell_map(trust, 1)
    assert all(each.passed for each in told) == trust.maps[1].trustworthy
    assert find(told, "deletion").passed == (0.5 - deletion > 0.05 * 0.5)
    assert find(told, "insertion").passed == (insertion - 0.5 > 0.05 * 0.5)
    assert find(told, "controls").passed == (insertion - deletion > edges - 0.4)
    assert find(told, "randomisation").passed == (staying * 0.75 < 0.45)


def test_figures_and_words_are_those_of_the_map() -> None:
    told = tell_map(make_trust(0.256, 0.91, 0.61, -0.2), 1)
    assert [each.name for each in told] == ["deletion", "insertion", "controls", "randomisation"]
    deletion, insertion, controls, randomisation = told
    assert (deletion.value, deletion.controls) == (0.256, (("chance", 0.5), ("edges", 0.4)))
    assert (insertion.value, insertion.controls) == (0.91, (("chance", 0.5), ("edges", 0.61)))
    assert controls.value == pytest.approx(0.91 - 0.256)
    assert dict(controls.controls) == pytest.approx({"chance": 0.0, "edges": 0.61 - 0.4})
    assert randomisation.value == 0  # an opposite map doesn't stay
    assert randomisation.controls == (("from the top: fc", -0.2), ("conv", -0.1))
    for each, parts in zip(
        told, (("26 %", "50 %", "40 %"), ("91 %", "61 %"), ("0.65", "0.21"), ("0.00",)), strict=True
    ):
        assert all(part in each.words for part in parts)
        assert each.exact.endswith((".", "!"))
    assert "\N{MINUS SIGN}0.20" in randomisation.words


def test_a_real_map_is_told() -> None:
    heat = explain_module(make_tiny(2), draw_inputs(2, batch=2, extent=7), "saliency", trust=True)
    assert heat.trust is not None
    for at in range(2):
        told = tell_map(heat.trust, at)
        assert told[0].value == heat.trust.deletion.found[at]
        assert torch.isfinite(torch.tensor([each.value for each in told])).all()


@pytest.mark.parametrize("scale", SCALES)
def test_a_figure_is_called_what_it_is(scale: str) -> None:
    deletion, insertion, *_ = tell_map(replace(make_trust(0.256, 0.91, 0.61, -0.2), scale=scale), 1)
    for told in (deletion, insertion):
        assert f"{SCALES[scale].subject} is {100 * told.value:.0f} % on average" in told.words
        assert told.words.endswith(SCALES[scale].note or "is better.")
        assert ("probability" in told.words) == (scale in ("classes", "labels", "cells"))
        assert ("documentation" in told.exact) == (scale == "classes")


@pytest.mark.parametrize(
    ("meaning", "unit", "scale"), [("numbers", None, "numbers"), ("labels", None, "labels"), ("classes", 1, "unit")]
)
def test_the_scale_is_that_of_the_question(meaning: str, unit: int | None, scale: str) -> None:
    about: dict[str, Any] = (
        {"method": "gradcam"} if unit is None else {"method": "deconvnet", "layer": "0", "unit": unit}
    )
    heat = explain_module(make_tiny(2), draw_inputs(2, extent=7), trust=True, meaning=meaning, **about)
    assert heat.trust is not None
    assert heat.trust.scale == scale
    assert any(SCALES[scale].subject in line for line in heat.trust.lines()) == bool(SCALES[scale].note)
