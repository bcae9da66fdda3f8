"""A restored sample's pictures: where the difference is coloured, and what a sound brings along."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from re import findall

import numpy as np
import pytest
from PIL import Image

from striate.report.outcomes.restored import TITLES, draw_restored


def read_pictures(page: str) -> list[np.ndarray]:
    return [
        np.asarray(Image.open(BytesIO(b64decode(each)))) for each in findall(r"data:image/png;base64,([^\"]+)", page)
    ]


def test_pictures_and_their_difference() -> None:
    wanted = np.full((1, 4, 5), 0.5, np.float32)
    answer = wanted.copy()
    answer[0, 0, 0], answer[0, 3, 4] = 1.0, 0.0
    given = np.full((1, 4, 5), 1.4, np.float32)
    page = str(draw_restored(given, answer, wanted, "x", ("1.00 dB", "2.00 dB"), 0.0, None))
    before, after, clean, rest = read_pictures(page)
    assert (before == 255).all()
    assert (clean == 128).all()
    assert (after[0, 0], after[3, 4]) == (255, 0)
    assert (rest[1:3] == 255).all()
    assert rest[0, 0, 0] > rest[0, 0, 2]  # too much is orange
    assert rest[3, 4, 2] > rest[3, 4, 0]  # too little is blue
    for title in TITLES:
        assert title in page
    assert "damaged, 1.00 dB" in page
    assert "restored, 2.00 dB" in page


@pytest.mark.parametrize("shape", [(3, 6, 6), (1, 5, 4, 4), (2, 40)])
def test_any_dimension_has_four_figures(shape: tuple[int, ...]) -> None:
    arrays = np.random.default_rng(0).random((3, *shape)).astype(np.float32)
    page = str(draw_restored(arrays[0], arrays[1], arrays[2], "x", ("", ""), 0.0, None))
    assert page.count("<figure>") == 4
    assert "<audio" not in page


def test_a_sound_has_players_and_spectrograms() -> None:
    arrays = np.random.default_rng(0).normal(0, 0.1, (3, 1, 2000)).astype(np.float32)
    page = str(draw_restored(arrays[0], arrays[1], arrays[2], "x", ("", ""), -1.0, 8000))
    assert page.count("<audio") == 4
    assert page.count('class="spectrum"') == 4
