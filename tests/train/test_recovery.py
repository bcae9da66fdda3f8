from __future__ import annotations

import json

import pytest
import torch

from striate.train.recovery import Place, Recovery, copy_tensors, give_up, shorten

PLACES = [
    Place("the loss became nan", 2, 13, 0.5, 10, ["a.png", "b.png", "c.png", "d.png"]),
    Place("the loss became infinite", 2, 17, 0.125, 10, ["e.png"], spoilt=["e.png"]),
    Place("the loss became nan", 3, 31, 0.03, 20, ["f.png", "g.png"]),
]


def test_each_breakdown_quarters_the_rate_and_says_so() -> None:
    recovery = Recovery()
    lines = [recovery.add(place) for place in PLACES[:2]]
    assert recovery.factor == 1 / 16
    assert lines[0] == (
        "epoch 2, step 13: the loss became nan (lr 0.5; batch: a.png, b.png, c.png and 1 more). Back to step 10; the "
        "learning rate is 0.25 of the recipe's from here on"
    )
    assert "e.png hold values that are not finite" in lines[1]
    assert recovery.tell(2) == lines
    assert recovery.tell(3) == []


def test_a_split_is_told_in_its_epoch() -> None:
    recovery = Recovery()
    line = recovery.split(4, 128, 3, 55)
    assert (recovery.parts, recovery.tell(3), recovery.tell(2)) == (4, [line], [])
    assert line.startswith("epoch 3, step 55: out of memory. Each batch of 128 goes through in 4 parts now")


def test_it_comes_back_from_a_checkpoint() -> None:
    recovery = Recovery()
    recovery.split(2, 8, 1, 1)
    for place in PLACES:
        recovery.add(place)
    assert Recovery.from_dict(json.loads(json.dumps(recovery.to_dict()))) == recovery
    assert Recovery.from_dict({}) == Recovery()


@pytest.mark.parametrize("alike", [False, True])
def test_the_end_names_each_place_in_one_line(alike: bool) -> None:
    message = str(give_up(PLACES[:1] * 3 if alike else PLACES, 0.5, " The last good checkpoint is kept."))
    assert "\n" not in message
    assert all(f"({number}) epoch" in message for number in (1, 2, 3))
    assert ("It is the same step each time: look at its samples" in message) == alike
    assert "The last good checkpoint is kept" in message
    assert f"try {0.5 / 64:.3g}" in message


@pytest.mark.parametrize("count", [0, 1, 3, 4, 100])
def test_long_lists_are_cut(count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    assert shorten(names) == ", ".join(names[:3]) + (f" and {count - 3} more" if count > 3 else "")


def test_copies_are_copies_and_take_the_former_ones_room() -> None:
    own = {"a": torch.arange(3.0), "b": torch.zeros(2, 3, 4, 5).to(memory_format=torch.channels_last)}
    first = copy_tensors(own)
    own["a"] += 1
    assert first["a"].tolist() == [0, 1, 2]
    second = copy_tensors(own, first)
    assert second["a"] is first["a"]
    assert second["a"].tolist() == [1, 2, 3]
    assert copy_tensors({"c": own["a"]}, first).keys() == {"c"}
