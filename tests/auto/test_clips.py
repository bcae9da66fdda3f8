"""The network and augmentation for clips and volumes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from striate.auto.clips import choose_clip_augment, design_volume, plan_stages
from striate.auto.kinds import design_for_kind
from striate.auto.network import design_network
from striate.data import Facts
from striate.nets import parse, place
from striate.train import Augment

FACTS = Facts(
    kind="video", samples=100, train_samples=70, classes=("jump", "wave"), counts=(50, 50), channels=1,
    extents=(16, 48, 48), smallest=(16, 48, 48), largest=(16, 48, 48), grey=True, mean=(0.1,), std=(0.2,),
)  # fmt: skip


@pytest.mark.parametrize(
    "extents", [(16, 28, 28), (32, 112, 112), (1, 32, 32), (3, 3, 3), (9, 10, 12), (64, 64, 64), (5, 6, 7, 8)]
)
def test_every_shape_gets_a_network_that_fits(extents: tuple[int, ...]) -> None:
    design = design_volume(2, extents)
    placed = place(parse(design.text, "auto"), (2, *extents), 5)
    assert placed[-1].output == (5,)
    assert f"input 2x{'x'.join(map(str, extents))}" in design.text
    last = next(each.input for each in placed if each.word == "gmp")
    assert f"becomes {'x'.join(map(str, last[1:]))}" in " ".join(design.reasons)


@pytest.mark.parametrize("extents", [(16, 28, 28), (32, 112, 112), (64, 9, 30)])
def test_an_axis_is_halved_as_often_as_it_takes_to_come_to_seven(extents: tuple[int, ...]) -> None:
    left = list(map(float, extents))
    for stage in plan_stages(extents):
        assert max(stage) == 2
        left = [extent / step for extent, step in zip(left, stage, strict=True)]
    assert all(4 <= extent <= 11 for extent in left)


def test_kinds_choose_it_for_three_axes_alone() -> None:
    assert "maxpool1x2x2" in design_for_kind(replace(FACTS, extents=(16, 28, 28)), None).text
    flat = replace(FACTS, kind="volumes", extents=(28, 28))
    assert design_for_kind(flat, None) == design_network(1, (28, 28))
    assert design_for_kind(replace(FACTS, kind="arrays"), None) == design_network(1, (16, 48, 48))


def test_clips_move_in_space_and_are_mirrored_where_no_class_has_a_direction() -> None:
    augment, why = choose_clip_augment(FACTS)
    assert augment == Augment(shift=2, still=1, flip=True)
    assert any("none in time" in reason for reason in why)
    for classes in (("left", "right"), ("north-east", "west"), ("NE", "SW"), ("0", "1")):
        assert not choose_clip_augment(replace(FACTS, classes=classes))[0].flip
    assert choose_clip_augment(replace(FACTS, kind="volumes"))[0] == Augment(shift=1)
