from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.draw import huge_png, make_folder, picture, save

from striate.data import decode
from striate.data.decode import decode_images
from striate.data.folder import Folder
from striate.data.pool import Request
from striate.errors import DataError


def test_every_file_lands_in_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path, {"a": 70, "b": 30}, size=(12, 9))
    store = Folder(tmp_path)
    inline = decode_images(store, store.entries, Request())
    monkeypatch.setattr(decode, "_AT_ONCE_BYTES", 0)  # every file over the threads
    threaded = decode_images(store, store.entries, Request())
    assert inline.inputs.shape == (100, 3, 9, 12)
    for row, entry in enumerate(store.entries):
        slow = np.moveaxis(np.asarray(Image.open(entry.key)), 2, 0)
        assert (inline.inputs[row] == slow).all()
    assert (inline.inputs == threaded.inputs).all()
    assert (inline.hashes == threaded.hashes).all()
    assert inline.kept.tolist() == list(range(100))


def test_what_can_not_be_read_is_set_aside_and_the_rest_closes_up(tmp_path: Path) -> None:
    make_folder(tmp_path, {"a": 4}, size=(40, 40))
    whole = (tmp_path / "a/000.png").read_bytes()
    bad = {
        "0-empty.png": (b"", "an empty file"),
        "1-text.jpg": (b"hello", "not an image that can be read"),
        "2-cut.png": (whole[: len(whole) // 2], "image file is truncated"),
        "3-huge.png": (huge_png(60_000, 60_000), "more than 178956970 pixels"),
        "4-large.png": (huge_png(11_000, 11_000), "image file is truncated"),
    }
    for name, (content, _) in bad.items():
        (tmp_path / "a" / name).write_bytes(content)
    store = Folder(tmp_path)
    for request in (Request(extents=(40, 40), channels=3), Request(channels=3, extents=(8, 8))):
        decoded = decode_images(store, store.entries, request)
        assert [store.entries[place].name for place in decoded.kept] == [f"a/00{n}.png" for n in range(4)]
        assert len(decoded.inputs) == len(decoded.hashes) == len(decoded.moments) == 4
        assert len(decoded.set_aside) == len(bad)
        for aside, (name, (_, reason)) in zip(decoded.set_aside, bad.items(), strict=True):
            assert aside.name == f"a/{name}"
            assert aside.reason.startswith(reason)
    assert (decoded.smallest, decoded.largest) == ((40, 40), (40, 40))


def test_a_name_that_lies_reads_right(tmp_path: Path) -> None:
    save(tmp_path / "x.png", picture(0)).rename(tmp_path / "x.jpg")
    decoded = decode_images(store := Folder(tmp_path), store.entries, Request())
    assert (np.moveaxis(decoded.inputs[0], 0, 2) == np.asarray(picture(0))).all()


@pytest.mark.parametrize("modes", [("L", "L"), ("L", "RGB"), ("P", "1"), ("RGB", "I;16")])
def test_grey_data_stay_one_channel_however_they_are_stored(tmp_path: Path, modes: tuple[str, str]) -> None:
    for number, mode in enumerate(modes):
        grey = picture(number, mode="L")
        save(tmp_path / f"{number}.png", grey.convert("I").convert("I;16") if mode == "I;16" else grey.convert(mode))
    decoded = decode_images(store := Folder(tmp_path), store.entries, Request())
    assert decoded.inputs.shape == (2, 1, 20, 20)
    assert decoded.moments.shape == (2, 1, 2)


def test_one_coloured_image_makes_all_rgb(tmp_path: Path) -> None:
    save(tmp_path / "0.png", picture(0, mode="L"))
    save(tmp_path / "1.png", picture(1))
    decoded = decode_images(store := Folder(tmp_path), store.entries, Request())
    assert decoded.inputs.shape[1] == 3
    assert (decoded.inputs[0] == decoded.inputs[0, :1]).all()


def test_differing_sizes_meet_in_one(tmp_path: Path) -> None:
    for number, size in enumerate([(50, 90), (70, 60), (64, 300)]):
        save(tmp_path / f"{number}.png", picture(number, size))
    decoded = decode_images(store := Folder(tmp_path), store.entries, Request())
    assert decoded.inputs.shape == (3, 3, 64, 64)
    assert (decoded.smallest, decoded.largest) == ((60, 70), (300, 64))


def test_a_forced_size(tmp_path: Path) -> None:
    make_folder(tmp_path, {"a": 2})
    decoded = decode_images(store := Folder(tmp_path), store.entries, Request((8, 6), 1))
    assert decoded.inputs.shape == (2, 1, 8, 6)
    for request in (Request((8,), 1), Request((8, 8), 4)):
        with pytest.raises(DataError, match="holds images"):
            decode_images(store, store.entries, request)


def test_progress_is_told_to_its_end(tmp_path: Path) -> None:
    make_folder(tmp_path, {"a": 3})
    (tmp_path / "a/bad.png").write_bytes(b"x")
    told: list[tuple[int, int]] = []
    store = Folder(tmp_path)
    decode_images(store, store.entries, Request(report=lambda done, total: told.append((done, total))))
    assert told[-1] == (8, 8)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are made the POSIX way")
def test_a_file_that_became_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    make_folder(tmp_path, {"a": 2})
    store = Folder(tmp_path)
    (tmp_path / "a/000.png").unlink()
    os.mkfifo(tmp_path / "a/000.png")
    (tmp_path / "a/001.png").unlink()
    decoded = decode_images(store, store.entries, Request())
    assert [aside.reason for aside in decoded.set_aside] == ["not a regular file", "No such file or directory"]
    assert decoded.inputs.shape == (0, 1, 1, 1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP", "PPM"])
def test_damage_anywhere_never_ends_the_pass(tmp_path: Path, kind: str) -> None:
    buffer = BytesIO()
    picture(0, (24, 24)).save(buffer, kind)
    rng = np.random.default_rng(0)
    for number in range(60):
        content = np.frombuffer(buffer.getvalue(), np.uint8).copy()
        reach = len(content) if number % 2 else 64  # headers are where damage does most
        content[rng.integers(0, reach, 3)] = rng.integers(0, 256, 3)
        (tmp_path / f"{number}").write_bytes(content[: None if number % 3 else rng.integers(len(content))].tobytes())
    store = Folder(tmp_path)
    decoded = decode_images(store, store.entries, Request((8, 8), 3))
    assert len(decoded.kept) + len(decoded.set_aside) == 60
    assert len(decoded.set_aside) > 0
    assert all(aside.reason and "\n" not in aside.reason for aside in decoded.set_aside)
