from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import pytest

from striate.data.pool import Side
from striate.data.store import Entry, Store
from striate.data.tree import holds_classes, read_tree
from striate.errors import DataError


class Names(Store):
    """A source of files that are names alone; labels.csv has content."""

    def __init__(self, *names: str, table: str = "") -> None:
        self.where, self.set_aside, self.table = "set", (), table
        self.entries = tuple(Entry(name, 1, 0, name, place) for place, name in enumerate(names))

    def open(self, entry: Entry) -> BinaryIO:
        return BytesIO(self.table.encode())


def read(*names: str, table: str = "") -> tuple[dict[str, tuple[str, Side]], dict[str, str]]:
    tree, aside = read_tree(Names(*names, table=table))
    return {each.entry.key: (each.label, each.side) for each in tree}, {each.name: each.reason for each in aside}


def test_class_folders_by_their_top() -> None:
    found, aside = read("dog/1.jpg", "cat/1.jpg", "cat/near/2.jpg", "README.txt")
    assert found == {
        "cat/1.jpg": ("cat", Side.UNSAID),
        "cat/near/2.jpg": ("cat", Side.UNSAID),
        "dog/1.jpg": ("dog", Side.UNSAID),
    }
    assert list(found) == sorted(found)
    assert aside == {"README.txt": "in no class folder"}


@pytest.mark.parametrize("val", ["val", "valid", "Validation"])
def test_sides_above_classes(val: str) -> None:
    found, aside = read("train/cat/1.jpg", "train/dog/1.jpg", f"{val}/cat/1.jpg", "test/dog/1.jpg", "docs/plan.png")
    assert found == {
        "train/cat/1.jpg": ("cat", Side.TRAIN),
        "train/dog/1.jpg": ("dog", Side.TRAIN),
        f"{val}/cat/1.jpg": ("cat", Side.VAL),
        "test/dog/1.jpg": ("dog", Side.TEST),
    }
    assert aside == {"docs/plan.png": "in no class folder"}


def test_classes_that_are_called_like_sides() -> None:
    assert read("train/1.jpg", "plane/1.jpg")[0] == {
        "plane/1.jpg": ("plane", Side.UNSAID),
        "train/1.jpg": ("train", Side.UNSAID),
    }
    assert read("test/near/1.jpg", "control/1.jpg")[0]["test/near/1.jpg"] == ("test", Side.UNSAID)


def test_one_wrapping_folder_is_skipped() -> None:
    found, aside = read("photos/cat/1.jpg", "photos/dog/1.jpg", "photos/README.txt", "LICENSE")
    assert found == {"photos/cat/1.jpg": ("cat", Side.UNSAID), "photos/dog/1.jpg": ("dog", Side.UNSAID)}
    assert aside.keys() == {"README.txt", "LICENSE"}
    assert read("a/train/cat/1.jpg", "a/test/dog/1.jpg")[0]["a/test/dog/1.jpg"] == ("dog", Side.TEST)
    assert read("cat/1.jpg", "cat/near/2.jpg")[0]["cat/near/2.jpg"] == ("cat", Side.UNSAID)


def test_unlabelled_test_images_are_set_aside() -> None:
    found, aside = read("Train/cat/1.jpg", "Train/dog/1.jpg", "test/1.jpg")
    assert set(found.values()) == {("cat", Side.TRAIN), ("dog", Side.TRAIN)}
    assert aside == {"test/1.jpg": "in no class folder"}
    assert read("Train/cat/1.jpg", "Train/dog/1.jpg")[0]["Train/cat/1.jpg"] == ("cat", Side.TRAIN)


def test_a_table_says_the_classes() -> None:
    table = "file,label\nimg/1.jpg,cat\n2.jpg,dog\ngone.jpg,dog\n"
    for wrap in ("", "wrap/"):
        found, aside = read(f"{wrap}labels.csv", f"{wrap}img/1.jpg", f"{wrap}2.jpg", f"{wrap}3.jpg", table=table)
        assert found == {f"{wrap}2.jpg": ("dog", Side.UNSAID), f"{wrap}img/1.jpg": ("cat", Side.UNSAID)}
        assert aside == {"gone.jpg": "named in labels.csv but not there", "3.jpg": "not named in labels.csv"}


def test_recordings_are_set_aside_beside_images() -> None:
    assert read("cat/1.jpg", "cat/1.WAV", "dog/1.mp4")[1] == {
        "cat/1.WAV": "sound among images",
        "dog/1.mp4": "video among images",
    }


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "found no files; needed a folder for each class"),
        (("1.jpg", "2.jpg"), "found 2 images but no class folders"),
        (("notes.txt",), "found 1 files, notes.txt among them, but no class folders"),
        (("cat/1.wav", "dog/1.wav"), "found sound but no images; needed"),
        (("cat/1.wav", "README.txt"), "found sound but no images; needed"),
        (("cat/1.mp4",), "found video but no images; needed"),
    ],
)
def test_sources_without_classes(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(*names)


def test_class_folders_are_told_by_names() -> None:
    assert holds_classes(Names("cat/1.jpg"))
    assert holds_classes(Names("labels.csv", "1.jpg"))
    assert not holds_classes(Names("1.jpg", "x.npz", "deep/x.npy"))
