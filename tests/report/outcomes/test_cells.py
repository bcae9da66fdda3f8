from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from striate.report.cellcolours import choose_colours
from striate.report.outcomes.cells import WRONG, draw_cells, draw_swatch

COLOURS = choose_colours(["background", "cat", "dog"])


def read_pictures(markup: str) -> list[np.ndarray]:
    encoded = re.findall(r'src="data:image/png;base64,([^"]+)"', markup)
    return [np.asarray(Image.open(BytesIO(b64decode(each))).convert("RGB")).astype(int) for each in encoded]


def test_cells_have_the_colours_of_their_classes() -> None:
    """Against loops over the cells."""
    rng = np.random.default_rng(0)
    given = rng.integers(0, 256, (3, 6, 9), np.uint8)
    truth = rng.choice([0, 1, 2, 255], (6, 9)).astype(np.uint8)
    answer = rng.integers(0, 3, (6, 9), np.uint8)
    plain, true, said, wrong = read_pictures(draw_cells(given, truth, answer, COLOURS, "a"))
    assert (plain == np.moveaxis(given, 0, 2)).all()
    for place in np.ndindex(6, 9):
        pixel = given[(slice(None), *place)].astype(float)
        for drawn, mask in ((true, truth), (said, answer)):
            number = int(mask[place])
            wanted = pixel if number in (0, 255) else 0.4 * pixel + 0.6 * COLOURS[number]
            assert drawn[place] == pytest.approx(wanted, abs=0.51)
        is_wrong = truth[place] not in (255, answer[place])
        assert (wrong[place].tolist() == list(WRONG)) == is_wrong
        assert is_wrong or len(set(wrong[place].tolist())) == 1  # grey


@pytest.mark.parametrize(
    ("extents", "dtype"), [((30,), np.uint8), ((600, 700), np.uint8), ((5, 6, 7), np.int16), ((3, 3, 4, 4), np.float32)]
)
def test_samples_of_any_axes_are_drawn(extents: tuple[int, ...], dtype: type) -> None:
    rng = np.random.default_rng(1)
    given: NDArray[Any] = rng.integers(0, 100, (1, *extents)).astype(dtype)
    mask = rng.integers(0, 3, extents).astype(np.uint8)
    markup = draw_cells(given, mask, mask, COLOURS, "a <b>")
    pictures = read_pictures(markup)
    assert len(pictures) == 4 - (len(extents) == 1)
    assert max(max(each.shape) for each in pictures) <= 512
    assert "<b>" not in markup
    assert not any((each == np.array(WRONG)).all(-1).any() for each in pictures[-1:])


def test_a_swatch_is_of_its_colour() -> None:
    (pixels,) = read_pictures(draw_swatch(COLOURS[1]))
    assert pixels[0, 0].tolist() == COLOURS[1].tolist()
