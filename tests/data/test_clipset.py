"""Folders and archives of clips as data sets, and single clips read in the same way."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.moving import draw_moving, write_frames, write_gif, write_video

from striate.data import load_dataset, load_files
from striate.data.files import list_files
from striate.errors import DataError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path_factory.mktemp("cache")))


def write_set(folder: Path, each: int = 5) -> Path:
    """Clips that go left as numbered pictures, and right as gifs."""
    for number in range(each):
        write_frames(folder / "left" / f"{number}", draw_moving(6, -1, side=24))
        write_gif(folder / "right" / f"{number}.gif", draw_moving(6, 1, side=24))
    return folder


def test_folders_of_frames_and_gifs_are_clips(tmp_path: Path) -> None:
    for number in range(5):
        write_frames(tmp_path / "left" / f"{number}", draw_moving(6, -1, side=24))
        write_frames(tmp_path / "right" / f"{number}", draw_moving(6, 1, side=24))
    found = load_dataset(tmp_path)
    assert found.facts.kind == "video"
    assert found.facts.extents == (6, 24, 24)
    assert found.facts.rate is None
    assert found.classes == ("left", "right")
    assert found.facts.notes == ("clips of 6 frames (every frame is taken)",)


def test_an_archive_of_clips_is_read_in_place_and_as_its_folder(tmp_path: Path) -> None:
    for number in range(4):
        write_gif(tmp_path / "set" / "left" / f"{number}.gif", draw_moving(6, -1, side=24))
        write_gif(tmp_path / "set" / "right" / f"{number}.gif", draw_moving(6, 1, side=24))
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "set")
    folder, packed = load_dataset(tmp_path / "set"), load_dataset(archive)
    assert folder.fingerprint == packed.fingerprint
    assert np.array_equal(folder.train.inputs, packed.train.inputs)


def test_a_second_reading_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        write_gif(tmp_path / "left" / f"{number}.gif", draw_moving(6, -1, side=24))
        write_gif(tmp_path / "right" / f"{number}.gif", draw_moving(6, 1, side=24))
    first = load_dataset(tmp_path)
    monkeypatch.setattr("striate.data.clips.decode_clip", None)
    second = load_dataset(tmp_path)
    assert second.fingerprint == first.fingerprint
    assert second.facts == first.facts
    assert second.reading == first.reading


def test_videos_beside_gifs_keep_the_users_split_and_name_what_is_damaged(tmp_path: Path) -> None:
    for side, count in (("train", 3), ("test", 2)):
        for number in range(count):
            write_video(tmp_path / side / "left" / f"{number}.mp4", draw_moving(6, -1))
            write_video(tmp_path / side / "right" / f"{number}.mp4", draw_moving(6, 1))
    write_gif(tmp_path / "train" / "right" / "more.gif", draw_moving(6, 1))
    (tmp_path / "train" / "right" / "bad.mp4").write_bytes(b"no video")
    (tmp_path / "train" / "right" / "photo.jpg").write_bytes(b"no clip")
    found = load_dataset(tmp_path)
    assert found.official
    assert len(found.train) + len(found.val or ()) == 7
    assert {each.name for each in found.set_aside} == {"train/right/bad.mp4", "train/right/photo.jpg"}
    assert found.facts.rate == 25
    assert found.reading == {"kind": "video", "rate": 25.0, "length": 6, "undated": 25.0}


def test_a_table_labels_clips(tmp_path: Path) -> None:
    rows = ["file,label"]
    for number in range(4):
        write_frames(tmp_path / f"clip{number}", draw_moving(5, side=24))
        rows.append(f"clip{number},{'even' if number % 2 == 0 else 'odd'}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    found = load_dataset(tmp_path)
    assert found.facts.kind == "video"
    assert found.facts.samples == 4
    assert found.classes == ("even", "odd")


def test_pictures_that_are_asked_for_are_read_as_pictures(tmp_path: Path) -> None:
    write_set(tmp_path)
    assert load_dataset(tmp_path, extents=(24, 24)).facts.kind == "images"


def test_still_gifs_are_pictures(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(3):
            Image.new("L", (9, 9), 20 * number).save(tmp_path / label / f"{number}.gif")
    assert load_dataset(tmp_path).facts.kind == "images"


def test_single_clips_are_read_as_the_set_was(tmp_path: Path) -> None:
    for number in range(4):
        write_frames(tmp_path / "left" / f"{number}", draw_moving(6 + number, -1, side=24))
        write_frames(tmp_path / "right" / f"{number}", draw_moving(6, 1, side=24))
    found = load_dataset(tmp_path, split=False)
    assert found.test is not None
    paths = list_files([tmp_path], found.reading)
    assert [path.name for path in paths] == ["0", "1", "2", "3"] * 2
    inputs, names, aside = load_files(paths, extents=found.facts.extents, channels=1, reading=found.reading)
    assert np.array_equal(inputs, found.test.inputs)
    assert [name.rsplit("/", 2)[-2:] for name in names] == [name.split("/") for name in found.test.names]
    assert not aside
    assert list_files([tmp_path / "left" / "2"], found.reading) == [tmp_path / "left" / "2"]


def test_a_folder_without_a_clip_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(DataError, match="found no clip in this folder"):
        list_files([tmp_path], {"kind": "video"})
