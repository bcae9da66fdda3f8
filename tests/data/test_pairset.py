"""Pairs of pictures in one pool: each damaged one beside its own clean one, at one size, however many fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.draw import picture, save

from striate.data.folder import Folder
from striate.data.pairset import read_pairs
from striate.data.pool import Pool, Request, Side
from striate.errors import DataError


def make(folder: Path, count: int = 4, *, mode: str = "L", size: tuple[int, int] = (12, 8)) -> Path:
    for number in range(count):
        for half in ("noisy", "clean"):
            save(folder / half / f"{number}.png", picture(10 * number + (half == "clean"), size, mode))
    return folder


def read(folder: Path, request: Request | None = None) -> Pool:
    return read_pairs(Folder(folder), request or Request(), folder)


def open_pixels(path: Path, mode: str) -> np.ndarray:
    pixels = np.asarray(Image.open(path).convert(mode))
    return pixels[None] if mode == "L" else np.moveaxis(pixels, 2, 0)


@pytest.mark.parametrize(("mode", "classes"), [("L", ("value",)), ("RGB", ("red", "green", "blue"))])
def test_both_halves_are_the_files_pixels(tmp_path: Path, mode: str, classes: tuple[str, ...]) -> None:
    pool = read(make(tmp_path, mode=mode))
    assert (pool.task, pool.kind, pool.classes) == ("restore", "images", classes)
    assert pool.reading == {"kind": "images", "paired": True}
    assert pool.notes == ("4 pairs of a damaged and a clean sample, matched by name",)
    for name, noisy, clean in zip(pool.names, pool.inputs, pool.labels, strict=True):
        assert np.array_equal(noisy, open_pixels(tmp_path / name, mode))
        assert np.array_equal(clean, open_pixels(tmp_path / name.replace("noisy", "clean"), mode))


@pytest.mark.parametrize(("half", "victim"), [("noisy", 0), ("clean", 1), ("clean", 3)])
def test_a_file_that_breaks_after_its_header_takes_its_pair_along_and_no_other(
    tmp_path: Path, half: str, victim: int
) -> None:
    make(tmp_path)
    path = tmp_path / half / f"{victim}.png"
    path.write_bytes(path.read_bytes()[:-40])
    pool = read(tmp_path)
    kept = [number for number in range(4) if number != victim]
    assert list(pool.names) == [f"noisy/{number}.png" for number in kept]
    for row, number in enumerate(kept):
        assert np.array_equal(pool.inputs[row], open_pixels(tmp_path / "noisy" / f"{number}.png", "L"))
        assert np.array_equal(pool.labels[row], open_pixels(tmp_path / "clean" / f"{number}.png", "L"))
    (aside,) = pool.set_aside
    assert (aside.name, aside.reason) == (f"noisy/{victim}.png", "it or its clean one can't be read")


def test_colour_in_one_half_of_one_pair_is_colour_in_all(tmp_path: Path) -> None:
    make(tmp_path)
    save(tmp_path / "clean" / "2.png", picture(99, (12, 8), "RGB"))
    pool = read(tmp_path)
    assert pool.inputs.shape == pool.labels.shape == (4, 3, 8, 12)
    assert (pool.inputs == pool.inputs[:, :1]).all()


def test_sizes_meet_in_one_and_the_smallest_and_largest_are_told(tmp_path: Path) -> None:
    make(tmp_path)
    for half in ("noisy", "clean"):
        save(tmp_path / half / "9.png", picture(5, (30, 20), "L"))
    pool = read(tmp_path)
    assert (pool.smallest, pool.largest) == ((8, 12), (20, 30))
    forced = read(tmp_path, Request(extents=(6, 6), channels=3))
    assert forced.inputs.shape == forced.labels.shape == (5, 3, 6, 6)


def test_parts_are_those_of_the_folders_above(tmp_path: Path) -> None:
    make(tmp_path / "train", 2)
    make(tmp_path / "test", 1)
    pool = read(tmp_path)
    assert [Side(side) for side in pool.sides] == [Side.TEST, Side.TRAIN, Side.TRAIN]
    assert [name.split("/")[0] for name in pool.names] == ["test", "train", "train"]


def test_strays_are_named_once_and_in_order(tmp_path: Path) -> None:
    make(tmp_path)
    save(tmp_path / "noisy" / "alone.png", picture(1, (12, 8), "L"))
    save(tmp_path / "clean" / "a.png", picture(1, (12, 9), "L"))
    save(tmp_path / "noisy" / "a.png", picture(1, (12, 8), "L"))
    for half in ("noisy", "clean"):
        (tmp_path / half / "heard.wav").write_bytes(b"RIFF")
    pool = read(tmp_path)
    found = {each.name: each.reason for each in pool.set_aside}
    assert [each.name for each in pool.set_aside] == sorted(found)
    assert set(found) == {"noisy/a.png", "noisy/alone.png", "noisy/heard.wav"}
    assert found["noisy/a.png"] == "8x12, but its clean one 9x12; needed one size"
    assert found["noisy/heard.wav"] == "not images, as most are"


@pytest.mark.parametrize("kept", ["none", "torn"])
def test_nothing_to_learn_from_is_one_line(tmp_path: Path, kept: str) -> None:
    for half in ("noisy", "clean"):
        (tmp_path / half).mkdir()
        (tmp_path / half / f"{half if kept == 'none' else 'x'}.png").write_bytes(b"torn")
    with pytest.raises(DataError) as caught:
        read(tmp_path)
    assert "found no " in str(caught.value)
    assert "\n" not in str(caught.value)
