from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
import soundfile
from PIL import Image

from striate.report.media import COLUMNS, FRAMES, LONGEST, SMALL, make_frames, make_media, show_pixels


def decode(uri: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))))


def draw(*shape: int, kind: type = np.uint8) -> np.ndarray:
    values = np.random.default_rng(0).integers(0, 255, shape)
    return values.astype(kind)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_keeps_its_pixels(channels: int) -> None:
    sample = draw(channels, 9, 12)
    media = make_media(sample, "a cat")
    found = decode(media.frames[0])
    assert (found == (sample[0] if channels == 1 else np.moveaxis(sample, 0, -1))).all()
    assert media.pixels
    assert media.title == "a cat"
    assert not media.curves


def test_other_numbers_of_channels_are_shown_by_their_mean() -> None:
    sample = draw(5, 4, 4)
    expected = np.array(
        [[round(float(np.mean([sample[c, i, j] for c in range(5)]))) for j in range(4)] for i in range(4)]
    )
    assert np.abs(decode(make_media(sample).frames[0]).astype(int) - expected).max() <= 1


def test_a_large_picture_is_shrunk() -> None:
    media = make_media(draw(3, 40, 1200))
    assert decode(media.frames[0]).shape[1] == LONGEST
    assert not media.pixels
    assert decode(make_media(draw(3, 40, 1200), small=True).frames[0]).shape[1] == SMALL


def test_a_clip_is_its_frames_and_in_a_list_one_of_them() -> None:
    sample = draw(3, 5, 6, 8)
    media = make_media(sample)
    assert [decode(frame).tolist() for frame in media.frames] == [
        np.moveaxis(sample[:, t], 0, -1).tolist() for t in range(5)
    ]
    assert len(make_media(sample, small=True).frames) == 1
    assert len(make_media(draw(1, 200, 2, 2)).frames) == FRAMES


def test_floats_of_another_scale_run_from_their_least_to_their_most() -> None:
    found = decode(make_frames(np.array([[[-2.0, 0.0], [1.0, 2.0]]])).frames[0])
    assert found.tolist() == [[0, 128], [191, 255]]
    assert decode(make_frames(np.array([[[10.0, 200.0]]])).frames[0]).tolist() == [[10, 200]]


def test_pixels_are_cut_to_what_a_screen_has() -> None:
    assert decode(show_pixels([np.array([[-5.0, 300.0]])]).frames[0]).tolist() == [[0, 255]]


def test_a_curve_has_the_least_and_the_most_of_each_column() -> None:
    row = np.random.default_rng(0).normal(size=5000)
    media = make_media(row[None])
    assert len(media.curves) == 1
    assert len(media.curves[0]) == COLUMNS
    assert min(low for low, _ in media.curves[0]) == row.min() == media.low
    assert max(high for _, high in media.curves[0]) == row.max() == media.high
    first = row[: -(-5000 // COLUMNS)]
    assert media.curves[0][0] == (first.min(), first.max())
    assert len(make_media(np.arange(7.0)[None]).curves[0]) == 7


def test_a_sound_is_heard_and_its_curve_lies_about_silence() -> None:
    values = (20000 * np.sin(np.arange(800) / 7)).astype(np.int16)[None]
    media = make_media(values, rate=8000)
    assert media.sound is not None
    found, rate = soundfile.read(BytesIO(base64.b64decode(media.sound.partition(",")[2])))
    assert rate == 8000
    assert np.abs(found - values[0] / 32768).max() < 1e-4
    assert media.low == -media.high
    assert make_media(values, rate=8000, small=True).sound is None


def test_what_is_not_finite_or_flat_breaks_nothing() -> None:
    media = make_media(np.array([[np.nan, np.inf, 1.0]]))
    assert np.isfinite(np.array(media.curves)).all()
    flat = make_media(np.zeros((1, 4)))
    assert flat.low < flat.high


def test_words_are_the_words() -> None:
    plan = {"kind": "words", "length": 4, "vocabulary": "not chess tea"}
    from striate.data.words import encode_texts

    cells = encode_texts(["tea not chess"], plan, (4,))[0]
    assert make_media(cells, reading=plan).words == ("tea", "not", "chess")
