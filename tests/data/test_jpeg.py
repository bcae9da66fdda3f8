"""What is read past Pillow, against Pillow."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.data.draw import picture

from striate.data import jpeg
from striate.data.images import MOST_PIXELS, decode_image, read_header
from striate.data.jpeg import HEAD_BYTES, decode_plain, read_plain

pytest.importorskip("simplejpeg")


def encode(image: Image.Image, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


@given(
    size=st.tuples(st.integers(1, 80), st.integers(1, 80)),
    grey=st.booleans(),
    quality=st.integers(5, 100),
    subsampling=st.integers(0, 2),
    progressive=st.booleans(),
)
def test_sizes_and_pixels_are_pillow_s(
    size: tuple[int, int], grey: bool, quality: int, subsampling: int, progressive: bool
) -> None:
    image = picture(0, size).convert("L" if grey else "RGB")
    content = encode(image, quality=quality, subsampling=subsampling, progressive=progressive)
    assert read_plain(content) == read_plain(content[:HEAD_BYTES]) == (*image.size[::-1], grey)
    pixels = decode_plain(content, grey=grey)
    assert pixels is not None
    assert (pixels.squeeze(2) if grey else pixels).tolist() == np.asarray(Image.open(BytesIO(content))).tolist()


def test_what_pillow_must_see_is_left_to_it() -> None:
    image = picture(0, (17, 11))
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_plain(encode(image, exif=exif)) is None
    assert read_plain(encode(image.convert("CMYK"))) is None
    assert read_plain(encode(image)[:200]) is None
    assert read_plain(b"\xff\xd8\xff" + bytes(100)) is None
    assert read_plain(b"") is None


def test_blocks_are_told_by_their_marks_not_by_bytes_within_them() -> None:
    image = picture(0, (17, 11))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned, upright = encode(image, exif=exif), encode(image)
    for bytes_within in (b"\xff\xda", b"\xff\xe1", b"MPF\0"):
        comment = b"\xff\xfe" + (2 + len(bytes_within)).to_bytes(2, "big") + bytes_within
        assert read_plain(turned[:2] + comment + turned[2:]) is None
        assert read_plain(upright[:2] + comment + upright[2:]) == read_plain(upright) == (11, 17, False)
    several = b"\xff\xe2" + (6).to_bytes(2, "big") + b"MPF\0"
    assert read_plain(upright[:2] + several + upright[2:]) is None


@pytest.mark.parametrize("extents", [(40, 60), (20, 30), (7, 9), (90, 90)])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_an_image_is_the_same_without_it(
    monkeypatch: pytest.MonkeyPatch, extents: tuple[int, int], channels: int, mode: str
) -> None:
    content = encode(picture(0, (40, 60)).convert(mode), quality=90)
    pixels, header = decode_image(content, extents, channels)
    assert header == read_header(BytesIO(content))
    monkeypatch.setattr(jpeg, "_find_library", lambda: None)
    assert read_plain(content) is None
    slow, again = decode_image(content, extents, channels)
    assert pixels.tolist() == slow.tolist()
    assert header == again == read_header(BytesIO(content))


def test_a_long_head_and_damaged_pixels_are_pillow_s() -> None:
    image = picture(0, (40, 60))
    long = encode(image, icc_profile=bytes(3 * HEAD_BYTES))
    assert read_plain(long[:HEAD_BYTES]) is None
    assert read_header(BytesIO(long)) == read_header(BytesIO(encode(image)))
    content = encode(image)
    assert decode_plain(content[: len(content) // 2], grey=False) is None
    with pytest.raises(OSError, match="truncated"):
        decode_image(content[: len(content) // 2], (40, 60), 3)


def test_a_bomb_is_refused_by_its_size() -> None:
    content = bytearray(encode(picture(0, (8, 8))))
    place = content.index(b"\xff\xc0") + 5
    content[place : place + 4] = (65_500).to_bytes(2, "big") * 2
    assert MOST_PIXELS < 65_500**2
    for ask in (lambda: read_header(BytesIO(content)), lambda: decode_image(bytes(content), (8, 8), 3)):
        with pytest.raises(Image.DecompressionBombError):
            ask()
