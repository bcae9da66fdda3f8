from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.folder import Folder
from striate.data.masking import match_entries
from striate.data.masks import decode_masks
from striate.data.pool import Request
from striate.data.store import Entry


def write(home: Path, masks: list[np.ndarray]) -> Folder:
    for folder in ("images", "masks"):
        (home / folder).mkdir()
    for number, mask in enumerate(masks):
        np.save(home / "images" / f"{number}.npy", mask)
        np.save(home / "masks" / f"{number}.npy", mask)
    return Folder(home)


def measure_as(*size: int) -> object:
    def measure(entry: Entry) -> tuple[int, ...]:
        return size

    return measure


def test_masks_are_padded_as_their_pictures_are(tmp_path: Path) -> None:
    masks = [np.full((2, 3), 7), np.full((2, 3), 255), np.full((2, 3, 1), 1)]
    store = write(tmp_path, masks)
    pairs = match_entries(store.entries).pairs
    told: list[tuple[int, int]] = []
    request = Request(report=lambda done, total: told.append((done, total)))
    found = decode_masks(store, pairs, (4, 3), request, measure_as(2, 3), scaled=False)  # type: ignore[arg-type]
    assert found.inputs.dtype == np.int16
    for mask, number in zip(found.inputs[:, 0], (7, 255, 1), strict=True):
        assert mask.tolist() == [[-1] * 3, [number] * 3, [number] * 3, [-1] * 3]
    assert found.about["numbers"] == [[7], [255], [1]]
    assert {n: found.about["cells"][n] for n in (0, 1, 7, 255)} == {0: 0, 1: 6, 7: 6, 255: 6}
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_masks_of_another_size_are_set_aside(tmp_path: Path) -> None:
    store = write(tmp_path, [np.zeros((2, 3)), np.zeros((3, 2)), np.zeros(6)])
    pairs = match_entries(store.entries).pairs
    found = decode_masks(store, pairs, (2, 3), Request(), measure_as(2, 3), scaled=True)  # type: ignore[arg-type]
    assert found.kept.tolist() == [0]
    assert found.inputs.shape == (1, 1, 2, 3)
    assert [each.reason for each in found.set_aside] == [
        "a mask of 3x2, but its picture is 2x3",
        "a mask of 6, but its picture is 2x3",
    ]


@pytest.mark.parametrize("size", [(6, 8), (5, 9)])
def test_scaled_masks_are_bytes(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    for folder in ("images", "masks"):
        Image.fromarray(np.full(size, 5, np.uint8)).save(tmp_path / folder / "a.png")
    store = Folder(tmp_path)
    found = decode_masks(
        store, match_entries(store.entries).pairs, (3, 4), Request(), measure_as(*size), scaled=True  # type: ignore[arg-type]
    )  # fmt: skip
    assert found.inputs.dtype == np.uint8
    assert (found.inputs == 5).all()
