"""Which pictures are frames of a clip, by their names and folders."""

from __future__ import annotations

import io
from typing import BinaryIO

import pytest

from striate.data.numbered import Clips, find_frame_folders, holds_frames, order_frames
from striate.data.store import Bundle, Entry, Store


class Names(Store):
    """Files that have names alone, but for a table."""

    def __init__(self, *names: str, table: str = "") -> None:
        self.where, self.set_aside, self.table = "set", (), table
        self.entries = tuple(Entry(name, 1, 0, name, place) for place, name in enumerate(sorted(names)))

    def open(self, entry: Entry) -> BinaryIO:
        return io.BytesIO(self.table.encode())


def frames(folder: str, count: int = 3, stem: str = "") -> list[str]:
    return [f"{folder}/{stem}{number:03d}.png" for number in range(count)]


@pytest.mark.parametrize("above", ["", "train/", "set/", "set/Test/"])
def test_numbered_pictures_in_a_folder_below_a_class_are_a_clip(above: str) -> None:
    names = [*frames(f"{above}walk/one"), *frames(f"{above}walk/two"), *frames(f"{above}run/three")]
    store = Names(*names)
    assert holds_frames(store)
    assert sorted(find_frame_folders(store)) == [f"{above}run/three", f"{above}walk/one", f"{above}walk/two"]


@pytest.mark.parametrize("above", ["", "train/", "set/"])
def test_numbered_pictures_of_a_class_are_pictures(above: str) -> None:
    assert not holds_frames(Names(*frames(f"{above}cat"), *frames(f"{above}dog")))


@pytest.mark.parametrize(
    "names",
    [
        ["cat/one/a.png", "cat/one/b.png", "cat/one/c.png", "dog/two/1.png"],
        [*frames("cat/one"), *frames("dog/two"), "dog/1.png"],
        [*frames("cat/one", 2), *frames("dog/two", 2)],
    ],
)
def test_other_names_are_pictures(names: list[str]) -> None:
    assert not holds_frames(Names(*names))


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["f10.png", "f9.png", "f8.png"], ["f8.png", "f9.png", "f10.png"]),
        (["2020_4.jpg", "2020_2.jpg", "2020_6.jpg"], ["2020_2.jpg", "2020_4.jpg", "2020_6.jpg"]),
        (["1.png", "2.png", "4.png"], []),
        (["a1.png", "b2.png", "a3.png"], []),
        (["1.png", "2.jpg", "3.png"], []),
        (["1.png", "01.png", "001.png"], []),
    ],
)
def test_frames_go_by_their_number_in_even_steps(names: list[str], ordered: list[str]) -> None:
    found = order_frames([Entry(f"walk/{name}", 1, 0, None) for name in names])
    assert [entry.name for entry in found] == [f"walk/{name}" for name in ordered]


def test_frames_that_are_known_to_be_some_may_lie_anywhere() -> None:
    names = Names(*frames("one"), *frames("two"), "three/a.png")
    assert find_frame_folders(names) == {}
    assert sorted(find_frame_folders(names, known=True)) == ["one", "two"]
    assert find_frame_folders(Names("cat/1.gif", "cat/2.gif", "cat/3.gif"), known=True) == {}


def test_a_table_names_folders_where_they_are_clips() -> None:
    names = ["labels.csv", *frames("one"), *frames("two")]
    assert sorted(find_frame_folders(Names(*names, table="file,label\none,cat\ntwo,dog\n"))) == ["one", "two"]
    rows = "".join(f"{name},cat\n" for name in names[1:])
    assert find_frame_folders(Names(*names, table="file,label\n" + rows)) == {}


def test_clips_stand_as_one_entry_each() -> None:
    clips = Clips(Names(*frames("a/one"), "a/b.gif", "a/c.mp4"), known=True)
    found = {entry.name: len(entry.parts) if isinstance(entry, Bundle) else 0 for entry in clips.entries}
    assert found == {"a/one": 3, "a/b.gif": 1, "a/c.mp4": 0}
    assert {entry.bytes for entry in clips.entries} == {3, 1}
