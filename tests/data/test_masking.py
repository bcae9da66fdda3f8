from __future__ import annotations

import random

import pytest

from striate.data.masking import holds_masks, match_entries
from striate.data.part import SetAside
from striate.data.pool import Request, Side
from striate.data.store import Entry, Store


def make(*names: str) -> list[Entry]:
    return [Entry(name, 1, 0, None) for name in names]


class Named(Store):
    def __init__(self, *names: str) -> None:
        self.where, self.entries, self.set_aside = "set", tuple(make(*names)), ()

    def open(self, entry: Entry) -> None:  # type: ignore[override]
        raise AssertionError("nothing is opened to tell what a source holds")


def pairs(*names: str) -> list[tuple[str, str, Side]]:
    return [(pair.picture.name, pair.mask.name, pair.side) for pair in match_entries(make(*names)).pairs]


@pytest.mark.parametrize("masks", ["masks", "Masks", "labels", "annotations", "segmentations"])
def test_masks_are_matched_by_stem(masks: str) -> None:
    assert pairs("images/a.jpg", "images/b.c.png", f"{masks}/b.c.npy", f"{masks}/a.png") == [
        ("images/a.jpg", f"{masks}/a.png", Side.UNSAID),
        ("images/b.c.png", f"{masks}/b.c.npy", Side.UNSAID),
    ]


def test_the_sides_may_be_above_or_below_and_a_folder_around_all() -> None:
    assert pairs("train/images/a.jpg", "train/masks/a.png", "test/images/a.jpg", "test/masks/a.png") == [
        ("test/images/a.jpg", "test/masks/a.png", Side.TEST),
        ("train/images/a.jpg", "train/masks/a.png", Side.TRAIN),
    ]
    assert pairs("pets/images/val/a.jpg", "pets/annotations/val/a.png") == [
        ("pets/images/val/a.jpg", "pets/annotations/val/a.png", Side.VAL)
    ]
    assert pairs("images/x/a.jpg", "images/y/a.jpg", "masks/x/a.png") == [
        ("images/x/a.jpg", "masks/x/a.png", Side.UNSAID)
    ]


def test_a_mask_may_be_named_for_what_it_is() -> None:
    assert pairs("images/a.jpg", "masks/a_mask.png", "images/b.jpg", "masks/b-GT.png") == [
        ("images/a.jpg", "masks/a_mask.png", Side.UNSAID),
        ("images/b.jpg", "masks/b-GT.png", Side.UNSAID),
    ]
    # The plain name goes first.
    assert pairs("images/a.jpg", "masks/a_mask.png", "masks/a.png")[0][1] == "masks/a.png"


def test_what_has_no_partner_is_named() -> None:
    found = match_entries(
        make("images/a.jpg", "images/a.png", "images/b.jpg", "masks/a.png", "masks/c.png", "notes.txt", "images/d.txt")
    )
    assert [pair.picture.name for pair in found.pairs] == ["images/a.jpg"]
    assert set(found.set_aside) == {
        SetAside("images/a.png", "another picture of this name"),
        SetAside("images/b.jpg", "a picture without a mask"),
        SetAside("images/d.txt", "in neither the folder of images nor that of masks"),
        SetAside("masks/c.png", "a mask without a picture"),
        SetAside("notes.txt", "in neither the folder of images nor that of masks"),
    }


def test_the_names_of_the_classes_lie_highest() -> None:
    found = match_entries(make("set/images/a.jpg", "set/masks/classes.txt", "set/masks/a.png", "set/Classes.txt"))
    assert found.names is not None
    assert found.names.name == "set/Classes.txt"


def test_every_file_is_a_half_of_a_pair_or_named() -> None:
    """Against sets: whatever the names, each file is accounted for once."""
    drawn = random.Random(7)
    folders = ["images", "masks", "train/images", "train/masks", "images/deep", "masks/deep", "other", ""]
    stems, endings = [a + b for a in "abcdef" for b in ("", "_mask")], ["png", "jpg", "npy", "txt"]
    names = {f"{drawn.choice(folders)}/{drawn.choice(stems)}.{drawn.choice(endings)}".lstrip("/") for _ in range(150)}
    found = match_entries(make(*names))
    halves = [name for pair in found.pairs for name in (pair.picture.name, pair.mask.name)]
    assert sorted([*halves, *(each.name for each in found.set_aside)]) == sorted(names)
    for pair in found.pairs:
        stem = pair.mask.name.rsplit(".", 1)[0].replace("masks", "images")
        assert pair.picture.name.rsplit(".", 1)[0] in (stem, stem.removesuffix("_mask"))


def test_a_source_is_told_by_its_folders() -> None:
    both = Named("images/a.jpg", "masks/a.png")
    assert holds_masks(both, Request())
    assert holds_masks(both, Request(task="segment"))
    assert not holds_masks(both, Request(task="classify"))
    assert not holds_masks(both, Request(reading={"kind": "images"}))
    assert holds_masks(Named("cat/a.jpg"), Request(reading={"kind": "images", "values": [0, 1]}))
    for names in (["cat/a.jpg", "dog/a.jpg"], ["images/a.jpg"], ["images/a.jpg", "labels/a.txt"], ["a.jpg"]):
        assert not holds_masks(Named(*names), Request())
    assert not holds_masks(Named("a/b/c/images/a.jpg", "a/b/c/masks/a.png"), Request())
