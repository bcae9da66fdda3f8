from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.data.draw import as_png, huge_png, picture

from striate.data.images import MOST_PIXELS, decode_image, explain_failure, read_header
from striate.data.part import Bytes


def encode(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def decode(content: bytes, channels: int = 3, extents: tuple[int, int] | None = None) -> Bytes:
    header = read_header(BytesIO(content))
    pixels, again = decode_image(content, extents or (header.height, header.width), channels)
    assert header == again
    return pixels


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM", "WEBP"])
def test_lossless_formats_give_the_pixels_back(format: str) -> None:
    image = picture(0, (17, 11))
    pixels = decode(encode(image, format, **({"lossless": True} if format == "WEBP" else {})))
    assert (np.moveaxis(pixels, 0, 2) == np.asarray(image)).all()


def test_a_jpeg_is_near() -> None:
    smooth = Image.fromarray(np.indices((32, 48)).sum(0).astype(np.uint8) * 3).convert("RGB")
    pixels = decode(encode(smooth, "JPEG", quality=95))
    assert abs(np.moveaxis(pixels, 0, 2).astype(int) - np.asarray(smooth)).max() <= 8


def test_a_large_jpeg_scaled_while_it_is_decoded() -> None:
    blobs = picture(0, (12, 9)).resize((1200, 900), Image.Resampling.BICUBIC)
    fast = decode(encode(blobs, "JPEG", quality=95), extents=(90, 120)).astype(int)
    slow = decode(encode(blobs, "PNG"), extents=(90, 120)).astype(int)
    assert abs(fast - slow).max() <= 16
    assert abs(fast - slow).mean() < 2


@pytest.mark.parametrize("mode", ["L", "1", "LA", "I;16"])
def test_grey_modes_are_grey(mode: str) -> None:
    image = Image.new(mode, (4, 5))
    assert read_header(BytesIO(as_png(image))).grey
    assert decode(as_png(image), 1).shape == (1, 5, 4)
    assert not read_header(BytesIO(as_png(picture(0)))).grey


def test_one_bit_is_black_and_white() -> None:
    image = Image.fromarray(np.eye(8, dtype=bool))
    assert (decode(as_png(image), 1)[0] == np.eye(8) * 255).all()


def test_sixteen_bits_are_scaled_by_their_range() -> None:
    values = np.array([[0, 257, 32768, 65535, 1000, 40000]], np.uint16)
    for kind in ("PNG", "TIFF"):
        pixels = decode(encode(Image.fromarray(values), kind), 1)
        assert pixels[0].tolist() == [[round(int(value) * 255 / 65535) for value in values[0]]]


@pytest.mark.parametrize(("most", "factor"), [(1.0, 255), (255.0, 1), (65535.0, 255 / 65535)])
def test_floats_are_scaled_by_the_range_that_they_fit(most: float, factor: float) -> None:
    values = np.array([[0.0, 0.25, 0.5, 1.0]], np.float32) * np.float32(most)
    pixels = decode(encode(Image.fromarray(values), "TIFF"), 1)
    assert pixels[0].tolist() == [np.rint(values[0].astype(float) * factor).tolist()]


def test_floats_of_no_known_range_are_refused() -> None:
    for values in ([[-1.0, 2.0]], [[0.0, 1e9]], [[np.nan, 0.0]]):
        with pytest.raises(ValueError, match="grey values"):
            decode(encode(Image.fromarray(np.array(values, np.float32)), "TIFF"), 1)


def test_alpha_is_composited_on_white() -> None:
    values = np.zeros((1, 3, 4), np.uint8)
    values[0, :, 0], values[0, :, 3] = 200, (0, 51, 255)
    pixels = np.moveaxis(decode(as_png(Image.fromarray(values))), 0, 2)[0]
    for alpha, pixel in zip((0, 51, 255), pixels, strict=True):
        slow = [round((colour * alpha + 255 * (255 - alpha)) / 255) for colour in (200, 0, 0)]
        assert abs(pixel.astype(int) - slow).max() <= 1
    grey_with_alpha = Image.fromarray(values[..., [0, 3]])
    assert decode(as_png(grey_with_alpha), 1)[0].tolist() == [[255, 244, 200]]


def test_a_palette_and_its_transparent_colour() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    assert np.moveaxis(decode(as_png(image)), 0, 2).tolist() == [[[10, 20, 30], [40, 50, 60]]]
    see_through = encode(image, "PNG", transparency=0)
    assert np.moveaxis(decode(see_through), 0, 2).tolist() == [[[255, 255, 255], [40, 50, 60]]]
    assert decode(encode(image, "PNG", transparency=b"\x00\xff")).tolist() == decode(see_through).tolist()


def test_a_transparent_colour_of_rgb_and_grey() -> None:
    assert (
        decode(encode(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG", transparency=(1, 2, 3)))[:, 0, 0].tolist()
        == [255] * 3
    )
    assert decode(encode(Image.new("L", (1, 1), 7), "PNG", transparency=7), 1).tolist() == [[[255]]]


def test_cmyk_is_near_its_colour() -> None:
    image = Image.new("RGB", (16, 16), (200, 30, 90)).convert("CMYK")
    pixels = decode(encode(image, "JPEG", quality=95))
    assert abs(pixels[:, 8, 8].astype(int) - (200, 30, 90)).max() <= 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_turns_the_image(orientation: int, format: str) -> None:
    board = np.zeros((16, 32), np.uint8)
    board[:8, :8], board[8:, :8] = 255, 128  # a corner and an edge tell all eight ways apart
    turns = [lambda a: a, np.fliplr, lambda a: np.rot90(a, 2), np.flipud]
    turns += [np.transpose, lambda a: np.rot90(a, 3), lambda a: np.rot90(a, 2).T, np.rot90]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"quality": 95} if format == "JPEG" else {"lossless": True} if format == "WEBP" else {}
    content = encode(Image.fromarray(board).convert("RGB"), format, exif=exif, **options)
    expected = turns[orientation - 1](board)
    pixels = decode(content)
    assert pixels.shape[1:] == expected.shape
    assert abs(pixels[0].astype(int) - expected).mean() < 3


def test_a_damaged_exif_block_spares_the_pixels() -> None:
    image = picture(0, (16, 16))
    content = encode(image, "PNG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert (np.moveaxis(decode(content), 0, 2) == np.asarray(image)).all()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF"])
def test_the_first_frame_counts(format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 255, 0))]
    pixels = decode(encode(frames[0], format, save_all=True, append_images=frames[1:]))
    assert abs(pixels[:, 4, 4].astype(int) - (255, 0, 0)).max() <= 4


@pytest.mark.parametrize("side", [13_500, 60_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Image.DecompressionBombError) as caught:
            read_header(BytesIO(huge_png(side, side)))
    assert explain_failure(caught.value) == f"more than {MOST_PIXELS} pixels"


WHOLE = as_png(picture(0, (64, 64)))
JPEG = encode(picture(0, (64, 64)), "JPEG")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (b"plain text, called .jpg by somebody", "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        (WHOLE[: len(WHOLE) // 2], "truncated"),
        (JPEG[: len(JPEG) // 2], "truncated"),
        (WHOLE[:20], "."),
        (WHOLE[:200] + b"\x00" * 50 + WHOLE[250:], "."),
        (JPEG[:2], "."),
    ],
)
def test_broken_files_say_why(content: bytes, reason: str) -> None:
    said = ""
    try:
        decode_image(content, (8, 8), 3)
    except Exception as error:
        said = explain_failure(error)
    assert said
    assert reason in said or reason == "."
    assert "\n" not in said


def test_an_error_without_words_gives_its_name() -> None:
    assert explain_failure(IndexError()) == "IndexError"
    assert explain_failure(PermissionError(13, "Permission denied", str(Path("x")))) == "Permission denied"
    assert explain_failure(MemoryError()) == "too large for the memory"
