from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.picture import read_picture
from striate.errors import DataError

COLOURS = np.random.default_rng(0).integers(0, 256, (7, 11, 3)).astype(np.uint8)


def test_a_picture_keeps_its_size_and_its_channels(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "c.png")
    Image.fromarray(COLOURS[..., 0]).save(tmp_path / "g.png")
    photo = read_picture(tmp_path / "c.png")
    assert np.array_equal(photo.pixels, np.moveaxis(COLOURS, -1, 0))
    assert (photo.stored, photo.is_reduced) == ((7, 11), False)
    assert np.array_equal(read_picture(tmp_path / "g.png").pixels, COLOURS[None, ..., 0])
    assert read_picture(tmp_path / "g.png", 3).pixels.shape == (3, 7, 11)
    assert read_picture(tmp_path / "c.png", 1).pixels.shape == (1, 7, 11)


def test_what_is_transparent_printed_or_deep_is_read_too(tmp_path: Path) -> None:
    opacity = np.concatenate([COLOURS, np.zeros((7, 11, 1), np.uint8)], -1)
    Image.fromarray(opacity).save(tmp_path / "a.png")
    assert (read_picture(tmp_path / "a.png").pixels == 255).all()
    Image.fromarray(COLOURS).convert("CMYK").save(tmp_path / "k.jpg", quality=100)
    assert read_picture(tmp_path / "k.jpg").pixels.shape == (3, 7, 11)
    deep = (COLOURS[..., 0].astype(np.uint16)) * 257
    Image.fromarray(deep).save(tmp_path / "d.png")
    assert np.array_equal(read_picture(tmp_path / "d.png").pixels[0], COLOURS[..., 0])


def test_a_large_one_is_brought_down_in_proportion(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((80, 200), np.uint8)).save(tmp_path / "l.png")
    photo = read_picture(tmp_path / "l.png", most=1000)
    assert photo.is_reduced
    assert photo.stored == (80, 200)
    assert photo.pixels.shape == (1, 20, 50)


def test_what_is_no_picture_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"nothing")
    for path in (tmp_path / "x.png", tmp_path / "absent.png", tmp_path):
        with pytest.raises(DataError, match="needed a picture"):
            read_picture(path)
