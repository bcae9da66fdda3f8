from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.folder import File
from striate.data.mask import fit_mask, read_mask
from striate.data.size import fit_pixels


def read(path: Path) -> np.ndarray:
    store = File(path)
    return read_mask(store, store.entries[0])


def save(path: Path, image: Image.Image) -> np.ndarray:
    image.save(path)
    return read(path)


NUMBERS = np.array([[0, 1, 2], [3, 254, 255]], np.uint8)
TWO = np.array([[0, 255, 0], [255, 255, 0]], np.uint8)


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "pgm"])
def test_greys_are_numbers(tmp_path: Path, ending: str) -> None:
    assert (save(tmp_path / f"a.{ending}", Image.fromarray(NUMBERS)) == NUMBERS).all()


def test_a_palette_gives_its_indices(tmp_path: Path) -> None:
    image = Image.fromarray(NUMBERS, "P")
    image.putpalette([(7 * place) % 256 for place in range(768)])
    assert (save(tmp_path / "a.png", image) == NUMBERS).all()


@pytest.mark.parametrize("ending", ["png", "gif", "tiff", "bmp"])
def test_two_values_are_0_and_255_however_they_are_kept(tmp_path: Path, ending: str) -> None:
    assert (save(tmp_path / f"grey.{ending}", Image.fromarray(TWO)) == TWO).all()
    assert (save(tmp_path / f"bits.{ending}", Image.fromarray(TWO).convert("1")) == TWO).all()
    if ending != "bmp":
        palette = Image.fromarray((TWO > 0).astype(np.uint8), "P")
        palette.putpalette([0, 0, 0, 255, 255, 255])
        assert (save(tmp_path / f"palette.{ending}", palette) == TWO).all()


def test_arrays_of_any_axes_are_read(tmp_path: Path) -> None:
    volume = np.arange(24).reshape(2, 3, 4)
    for name, values, wanted in (
        ("whole", volume, volume),
        ("floats", volume.astype(float), volume),
        ("bits", TWO > 0, TWO),
        ("wide", TWO.astype(np.uint16) * 257, TWO),
    ):
        np.save(tmp_path / f"{name}.npy", values)
        found = read(tmp_path / f"{name}.npy")
        assert found.dtype == np.uint8
        assert (found == wanted).all()


def test_colours_that_are_greys_are_numbers(tmp_path: Path) -> None:
    assert (save(tmp_path / "a.png", Image.fromarray(NUMBERS).convert("RGB")) == NUMBERS).all()
    assert (save(tmp_path / "b.png", Image.fromarray(NUMBERS).convert("RGBA")) == NUMBERS).all()
    assert (save(tmp_path / "c.png", Image.fromarray(NUMBERS).convert("LA")) == NUMBERS).all()


@pytest.mark.parametrize(
    ("values", "ending", "found"),
    [
        (np.full((2, 2, 3), (200, 0, 0), np.uint8), "png", "in colours"),
        (np.full((2, 2, 4), (9, 9, 9, 128), np.uint8), "png", "transparent"),
        (NUMBERS, "jpg", "blurred by its format"),
        (np.full((2, 2), 300, np.uint16), "png", "numbers from 300 to 300"),
        (np.array([-1, 0]), "npy", "numbers from -1 to 0"),
        (np.array([0.5, 1]), "npy", "fractions"),
        (np.array(["a"]), "npy", "type"),
    ],
)
def test_what_is_no_mask_is_told(tmp_path: Path, values: np.ndarray, ending: str, found: str) -> None:
    path = tmp_path / f"a.{ending}"
    if ending == "npy":
        np.save(path, values)
    else:
        Image.fromarray(values).save(path)
    with pytest.raises(ValueError, match=found):
        read(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nnothing", b"words"])
def test_a_damaged_mask_raises(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(Exception, match=r".+"):
        read(path)
    whole = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 9, (64, 64), np.uint8)).save(whole, "PNG")
    path.write_bytes(whole.getvalue()[:-200])
    with pytest.raises(Exception, match=r".+"):
        read(path)


@pytest.mark.parametrize("found", [(12, 20), (21, 9), (8, 8), (5, 7)])
@pytest.mark.parametrize("extents", [(8, 8), (4, 9), (3, 3)])
def test_a_mask_is_cut_as_its_picture_is(found: tuple[int, int], extents: tuple[int, int]) -> None:
    """A picture of two plain halves and its mask say the same, but for the cells at the edge of the two."""
    mask = np.zeros(found, np.uint8)
    mask[:, found[1] // 2 :] = 1
    fitted, pixels = fit_mask(mask, extents), fit_pixels(255 * mask[None, None], extents)[0, 0]
    assert fitted.shape == extents
    sure = (pixels < 40) | (pixels > 215)
    assert sure.mean() >= 0.5
    assert (fitted[sure] == (pixels[sure] > 127)).all()


def test_fitting_takes_the_nearest_cell() -> None:
    """Against loops: the cell in which the middle of the new one lies."""
    mask = np.random.default_rng(3).integers(0, 9, (10, 15), np.uint8)
    fitted = fit_mask(mask, (4, 6))
    for row in range(4):
        for column in range(6):
            assert fitted[row, column] == mask[int((row + 0.5) * 2.5), int((column + 0.5) * 2.5)]
