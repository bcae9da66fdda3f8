"""Pairs of folders: what belongs together, what is set aside by name, and what comes out of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from striate.data import load_dataset
from striate.data.folder import Folder
from striate.data.pairs import is_pairs, match_pairs
from striate.data.pool import Request, Side
from striate.errors import DataError

RNG = np.random.default_rng(0)


def draw(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values.astype(np.uint8)).save(path)


def make_pictures(folder: Path, count: int = 12, above: str = "") -> dict[str, np.ndarray]:
    made = {}
    for number in range(count):
        for half in ("noisy", "clean"):
            name = f"{above}{half}/{number:02}.png"
            made[name] = RNG.integers(0, 256, (8, 8))
            draw(folder / name, made[name])
    return made


def test_each_input_stands_beside_its_own_clean_one(tmp_path: Path) -> None:
    made = make_pictures(tmp_path)
    dataset = load_dataset(tmp_path)
    assert (dataset.task, dataset.classes) == ("restore", ("value",))
    for part in (dataset.train, dataset.val, dataset.test):
        assert part is not None
        for name, noisy, clean in zip(part.names, part.inputs, part.labels, strict=True):
            assert np.array_equal(noisy[0], made[name])
            assert np.array_equal(clean[0], made[name.replace("noisy", "clean")])


def test_the_users_split_is_kept(tmp_path: Path) -> None:
    make_pictures(tmp_path, 4, "train/")
    make_pictures(tmp_path, 3, "test/")
    pairs, aside = match_pairs(Folder(tmp_path))
    assert [pair.side for pair in pairs] == [Side.TEST] * 3 + [Side.TRAIN] * 4
    assert not aside
    dataset = load_dataset(tmp_path)
    assert dataset.official
    assert dataset.test is not None
    assert {name.split("/")[0] for name in dataset.test.names} == {"test"}


def test_hostile_files_are_set_aside_by_name(tmp_path: Path) -> None:
    make_pictures(tmp_path)
    draw(tmp_path / "noisy" / "alone.png", np.zeros((8, 8)))
    draw(tmp_path / "clean" / "other.png", np.zeros((8, 8)))
    draw(tmp_path / "noisy" / "odd.png", np.zeros((8, 8)))
    draw(tmp_path / "clean" / "odd.png", np.zeros((8, 9)))
    draw(tmp_path / "noisy" / "twice.png", np.zeros((8, 8)))
    draw(tmp_path / "noisy" / "twice.bmp", np.zeros((8, 8)))
    draw(tmp_path / "clean" / "twice.png", np.zeros((8, 8)))
    (tmp_path / "noisy" / "broken.png").write_bytes(b"\x89PNG\r\n")
    draw(tmp_path / "clean" / "broken.png", np.zeros((8, 8)))
    (tmp_path / "notes.txt").write_text("not a picture")
    aside = {each.name: each.reason for each in load_dataset(tmp_path).set_aside}
    assert set(aside) == {
        "noisy/alone.png",
        "clean/other.png",
        "noisy/odd.png",
        "noisy/twice.png",
        "noisy/twice.bmp",
        "clean/twice.png",
        "noisy/broken.png",
        "notes.txt",
    }
    assert "8x8" in aside["noisy/odd.png"]
    assert "clean" in aside["noisy/alone.png"]


def test_classes_of_these_names_stay_classes(tmp_path: Path) -> None:
    for number in range(8):
        draw(tmp_path / "noisy" / f"n{number}.png", RNG.integers(0, 256, (8, 8)))
        draw(tmp_path / "clean" / f"c{number}.png", RNG.integers(0, 256, (8, 8)))
    assert not is_pairs(Folder(tmp_path), Request())
    assert load_dataset(tmp_path).classes == ("clean", "noisy")


def test_who_asks_for_classes_gets_them(tmp_path: Path) -> None:
    make_pictures(tmp_path)
    assert load_dataset(tmp_path, task="classify").classes == ("clean", "noisy")


def test_sounds_are_cut_and_levelled_alike(tmp_path: Path) -> None:
    for number in range(12):
        clean = 0.2 * np.sin(0.05 * (1 + number) * np.arange(900))
        noisy = clean + RNG.normal(0, 0.05, 900)
        for half, values in (("noisy", noisy), ("clean", clean)):
            (tmp_path / half).mkdir(exist_ok=True)
            soundfile.write(tmp_path / half / f"{number}.wav", values, 8000, subtype="FLOAT")
    soundfile.write(tmp_path / "noisy" / "long.wav", np.zeros(900), 8000)
    soundfile.write(tmp_path / "clean" / "long.wav", np.zeros(901), 8000)
    (tmp_path / "noisy" / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "clean" / "text.wav", np.zeros(901), 8000)
    dataset = load_dataset(tmp_path)
    assert (dataset.task, dataset.facts.rate) == ("restore", 8000)
    assert dataset.train.inputs.dtype == np.int16
    assert [each.name for each in dataset.set_aside] == ["noisy/long.wav", "noisy/text.wav"]
    for name, noisy, clean in zip(dataset.train.names, dataset.train.inputs, dataset.train.labels, strict=True):
        file, _ = soundfile.read(tmp_path / name)
        other, _ = soundfile.read(tmp_path / name.replace("noisy", "clean"))
        gain = 0.9 * 32768 / np.abs(file).max()
        assert np.abs(noisy[0, :900] - gain * file).max() <= 0.51
        assert np.abs(clean[0, :900] - gain * other).max() <= 0.51
    again = load_dataset(tmp_path, reading=dataset.reading, extents=dataset.facts.extents, channels=1, task="restore")
    assert again.fingerprint == dataset.fingerprint


def test_none_that_fit_is_one_line(tmp_path: Path) -> None:
    draw(tmp_path / "noisy" / "a.png", np.zeros((4, 4)))
    draw(tmp_path / "clean" / "a.png", np.zeros((4, 5)))
    with pytest.raises(DataError) as caught:
        load_dataset(tmp_path, task="restore")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("task", ["restore"])
def test_a_flat_folder_is_restored_without_classes(tmp_path: Path, task: str) -> None:
    for number in range(12):
        draw(tmp_path / f"{number}.png", RNG.integers(0, 256, (8, 8)))
    dataset = load_dataset(tmp_path, task=task)
    assert (dataset.task, len(dataset.train) > 5, dataset.classes) == (task, True, ("value",))
