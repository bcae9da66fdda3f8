from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.report.heats.made import make_heat

from striate.report.heats.cards import count_bytes, make_card, write_peak
from striate.report.heats.exposures import expose
from striate.report.heats.overlays import paint_heat, paint_input


def read_images(markup: str) -> list[NDArray[np.uint8]]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', markup)
    return [np.asarray(Image.open(BytesIO(b64decode(data)))) for data in found]


def test_a_card_holds_the_input_and_each_methods_heat() -> None:
    heats = [make_heat(2, (8, 9), 3), make_heat(2, (8, 9), 3, signed=True)]
    card = make_card(heats, 1)
    images = read_images(card.body)
    expected = [paint_input(expose(heats[0], 1), 0), *(paint_heat(expose(heat, 1), 0) for heat in heats)]
    for found, pixels in zip([images[0], images[1], images[3]], expected, strict=True):  # a bar follows each heat
        assert np.abs(found / 255 - pixels).max() < 0.003
    assert len(images) == 5
    assert (card.name, card.answer, card.sounding) == ("one 1.png", "slate, score 8.31", False)
    assert "Grad-CAM" in card.body
    assert "read at the layer layer4.1" in card.body


def test_large_pictures_are_shrunk() -> None:
    card = make_card([make_heat(1, (300, 200))], 0, longest=64)
    assert read_images(card.body)[0].shape == (64, 43, 3)
    assert "pixels" in card.body  # small ones keep their squares
    assert 'class="pixels"' not in make_card([make_heat(1, (300, 200))], 0).body


def test_a_volume_has_its_slices_in_a_row() -> None:
    card = make_card([make_heat(1, (9, 6, 5))], 0)
    assert len(read_images(card.body)) == 11
    assert len(re.findall(r"slice \d of 9", card.body)) == 10


def test_only_a_sound_with_a_rate_can_be_played() -> None:
    sound, curve = [make_heat(1, (4000,), rate=8000)] * 2, [make_heat(1, (4000,))]
    assert make_card(sound, 0).sounding
    assert make_card(sound, 0).body.count("<audio") == 3
    assert make_card(sound, 0, sounds=False).body.count("<audio") == 0
    assert not make_card(curve, 0).sounding
    assert count_bytes(curve, 0) == 0
    said = len("".join(re.findall(r'src="data:audio/wav;base64,([^"]+)"', make_card(sound, 0).body)))
    assert count_bytes(sound, 0) == pytest.approx(said, rel=0.02)


def test_names_are_escaped() -> None:
    heats = [make_heat(1, (8,), names=("<img src=x>.wav",), classes=("<b>",), layer="<i>")]
    card = make_card(heats, 0)
    assert "<img src=x>" not in card.body
    assert "<i>" not in card.body


def test_places_in_words() -> None:
    assert write_peak((12,)) == "cell 12"
    assert write_peak((441,), 44100) == "0.010 s"
    assert write_peak((1, 2, 3)) == "cell 1, 2, 3"
