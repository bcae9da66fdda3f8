from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
import soundfile
from PIL import Image
from tests.verbs.heldout.conftest import Hold
from tests.verbs.heldout.test_part import TASKS

from striate.verbs.heldout.showing import list_scores, show_sample, show_small
from striate.verbs.reporting import show_one


def decode(uri: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))))


def test_a_picture_is_shown_as_it_was_given(hold: Hold) -> None:
    held = hold("classify")
    (media,) = show_sample(held, 5)
    assert (decode(media.frames[0]) == held.part.inputs[5][0]).all()
    assert media.pixels
    assert (decode(show_small(held, 5).frames[0]) == held.part.inputs[5][0]).all()


def test_a_sound_can_be_heard(hold: Hold) -> None:
    held = hold("continue")
    (media,) = show_sample(held, 0)
    assert media.sound is not None
    values, rate = soundfile.read(BytesIO(base64.b64decode(media.sound.partition(",")[2])))
    assert rate == held.run.rate
    assert len(values) == held.part.inputs.shape[-1]
    assert show_small(held, 0).sound is None
    assert len(show_small(held, 0).curves) == 1


@pytest.mark.parametrize(("task", "titles"), [
    ("segment", ["given", "truth", "answer", "where it is wrong"]),
    ("restore", ["damaged", "restored", "clean", "restored less clean"]),
])  # fmt: skip
def test_what_lies_along_the_input_is_shown_beside_it(hold: Hold, task: str, titles: list[str]) -> None:
    media = show_sample(hold(task), 1)
    assert [each.title for each in media] == titles
    assert all(len(each.frames) == 1 for each in media)


def test_a_restored_picture_is_the_networks_own(hold: Hold) -> None:
    held = hold("restore")
    one, media = show_one(held.run, held.part, 2), show_sample(held, 2)
    for each, values in zip(media, (one.given, one.answer, one.wanted), strict=False):
        assert np.abs(decode(each.frames[0]) / 255 - np.clip(values[0], 0, 1)).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize("task", TASKS)
def test_scores_are_those_of_the_answers(hold: Hold, task: str) -> None:
    held = hold(task)
    found = list_scores(held, 4 % len(held))
    if task in ("classify", "labels", "regress"):
        assert [name for name, _ in found] == list(held.run.classes)
        assert [value for _, value in found] == held.answers[4 % len(held)].tolist()
    else:
        assert found == []
