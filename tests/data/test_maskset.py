from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data import load_dataset
from striate.data.part import Dataset, Part
from striate.errors import DataError


def draw(home: Path, name: str, mask: np.ndarray, *, above: str = "", masks: str = "masks") -> None:
    """A picture that is its mask's numbers times 40, and the mask."""
    for folder, values in (("images", 40 * np.minimum(mask, 6)), (masks, mask)):
        path = home / above / folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values.astype(np.uint8)).save(path)


def make_masks(count: int = 12, size: tuple[int, int] = (10, 14), classes: int = 3, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    masks = rng.integers(0, classes, (count, *size))
    masks[:, 0, :classes] = np.arange(classes)  # each of them in every mask
    return masks.astype(np.uint8)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for number, mask in enumerate(make_masks()):
        draw(tmp_path / "set", f"p{number}", mask)
    return tmp_path / "set"


def gather(dataset: Dataset) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    parts: list[Part | None] = [dataset.train, dataset.val, dataset.test]
    return {
        part.names[place]: (part.inputs[place], part.labels[place])
        for part in parts
        if part is not None
        for place in range(len(part))
    }


def test_every_picture_has_its_own_mask(home: Path) -> None:
    dataset = load_dataset(home, seed=3)
    assert (dataset.task, dataset.facts.kind) == ("segment", "images")
    assert dataset.classes == ("class 0", "class 1", "class 2")
    found, masks = gather(dataset), make_masks()
    assert len(found) == 12
    for number, mask in enumerate(masks):
        picture, labels = found[f"images/p{number}.png"]
        assert labels.dtype == np.uint8
        assert (labels == mask).all()
        assert (picture[0] == 40 * mask).all()
    assert len(dataset.train) + len(dataset.val or ()) + len(dataset.test or ()) == 12
    again = load_dataset(home, seed=3)  # from the cache
    assert again.fingerprint == dataset.fingerprint
    assert list(again.train.names) == list(dataset.train.names)
    assert list(load_dataset(home, seed=4).train.names) != list(dataset.train.names)


def test_a_split_of_the_source_is_kept(tmp_path: Path) -> None:
    for part, count in (("train", 6), ("val", 2), ("test", 3)):
        for number, mask in enumerate(make_masks(count)):
            draw(tmp_path, f"p{number}", mask, above=part, masks="labels")
    dataset = load_dataset(tmp_path)
    assert dataset.official
    assert dataset.val is not None
    assert dataset.test is not None
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (6, 2, 3)
    assert all(name.startswith("test/") for name in dataset.test.names)


def test_an_archive_counts_as_the_folder(home: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as packed:
        for path in sorted(home.rglob("*.png")):
            packed.write(path, f"wrapped/{path.relative_to(home)}")
    packed_set, loose = gather(load_dataset(tmp_path / "set.zip")), gather(load_dataset(home))
    assert len(packed_set) == len(loose)
    for name, (picture, labels) in loose.items():
        assert (packed_set[f"wrapped/{name}"][0] == picture).all()
        assert (packed_set[f"wrapped/{name}"][1] == labels).all()


def test_a_mask_goes_where_its_picture_goes(tmp_path: Path) -> None:
    """Pictures of several sizes, whose cells say what their masks are."""
    for number, size in enumerate([(40, 60), (64, 48), (50, 50), (33, 90)] * 3):
        mask = np.zeros(size, np.uint8)
        mask[size[0] // 3 :, : size[1] // 2] = 6
        draw(tmp_path, f"p{number:02}", mask)
    dataset = load_dataset(tmp_path)
    for picture, labels in gather(dataset).values():
        assert labels.shape == picture.shape[1:] == dataset.facts.extents
        sure = (picture[0] < 30) | (picture[0] > 210)
        assert sure.mean() > 0.8
        assert (labels[sure] == (picture[0][sure] > 120)).all()


def test_a_picture_that_is_turned_by_exif_stands_as_its_mask(tmp_path: Path) -> None:
    for number, mask in enumerate(make_masks(6)):
        draw(tmp_path, f"p{number}", mask)
    mask, exif = make_masks(7)[6], Image.Exif()
    exif[0x0112] = 6  # shown turned clockwise
    Image.fromarray(np.rot90(40 * mask).copy()).save(tmp_path / "images" / "turned.png", exif=exif)
    Image.fromarray(mask).save(tmp_path / "masks" / "turned.png")
    picture, labels = gather(load_dataset(tmp_path))["images/turned.png"]
    assert (picture[0] == 40 * mask).all()
    assert (labels == mask).all()


def test_two_values_are_background_and_object(tmp_path: Path) -> None:
    for number, mask in enumerate(make_masks(classes=2)):
        draw(tmp_path, f"p{number}", 255 * mask)
    dataset = load_dataset(tmp_path)
    assert dataset.classes == ("background", "object")
    assert dataset.reading is not None
    assert dataset.reading["values"] == [0, 255]
    assert set(np.unique(dataset.train.labels)) == {0, 1}


def test_a_file_names_the_classes(home: Path) -> None:
    (home / "classes.txt").write_text("sky\ntree\nroad\ncar\n")
    Image.fromarray(np.full((10, 14), 9, np.uint8)).save(home / "masks" / "p3.png")
    dataset = load_dataset(home)
    assert dataset.classes == ("sky", "tree", "road", "car")
    assert [(file.name, file.reason) for file in dataset.set_aside] == [
        ("masks/p3.png", "number 9 in it, of which there is no class")
    ]
    assert dataset.facts.samples == 11
    assert "images/p3.png" not in gather(dataset)


def fill_masks(home: Path, picture: Image.Image) -> None:
    for path in (home / "masks").iterdir():
        picture.save(path)


def test_what_can_not_be_used_is_named(home: Path) -> None:
    (home / "masks" / "p0.png").write_bytes(b"")
    Image.fromarray(np.zeros((10, 13), np.uint8)).save(home / "masks" / "p1.png")
    Image.new("RGB", (14, 10), (9, 0, 0)).save(home / "masks" / "p2.png")
    (home / "images" / "p4.png").write_bytes(b"no picture")
    (home / "masks" / "p5.png").unlink()
    (home / "readme.md").write_text("hello")
    Image.fromarray(np.zeros((10, 14), np.uint8)).save(home / "masks" / "lone.png")
    dataset = load_dataset(home)
    told = {file.name: file.reason for file in dataset.set_aside}
    assert told.keys() == {
        "masks/p0.png", "masks/p1.png", "masks/p2.png", "images/p4.png", "images/p5.png", "readme.md", "masks/lone.png"
    }  # fmt: skip
    assert told["masks/p1.png"] == "a mask of 10x13, but its picture is 10x14"
    assert "in colours" in told["masks/p2.png"]
    masks = make_masks()
    for name, (picture, labels) in gather(dataset).items():
        number = int(name.removeprefix("images/p").removesuffix(".png"))
        assert (labels == masks[number]).all()
        assert (picture[0] == 40 * masks[number]).all()
    assert len(gather(dataset)) == 12 - 5


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda home: [path.rename(path.with_stem(f"x{path.stem}")) for path in (home / "masks").iterdir()],
         "found no picture with a mask"),
        (lambda home: fill_masks(home, Image.new("RGB", (14, 10), "red")),
         "found no mask that can be used; the first: masks/p0.png: a mask in colours"),
        (lambda home: fill_masks(home, Image.new("L", (14, 10))),
         "found masks of 0 alone"),
        (lambda home: (home / "classes.txt").write_text("one\n"), "found 1 names"),
    ],
)  # fmt: skip
def test_a_set_without_use_is_refused_in_one_line(home: Path, spoil: object, found: str) -> None:
    spoil(home)  # type: ignore[operator]
    with pytest.raises(DataError, match=found) as raised:
        load_dataset(home)
    assert "\n" not in str(raised.value)


def test_the_folders_are_classes_where_that_is_asked(home: Path) -> None:
    dataset = load_dataset(home, task="classify")
    assert dataset.task == "classify"
    assert dataset.classes == ("images", "masks")
    with pytest.raises(DataError, match="needed some for segment"):
        load_dataset("digits", task="segment")


def test_other_data_are_read_with_the_same_numbers(home: Path, tmp_path: Path) -> None:
    dataset = load_dataset(home)
    for number, mask in enumerate(make_masks(4, classes=2, seed=5)):
        draw(tmp_path / "other", f"q{number}", 2 * mask)
    draw(tmp_path / "other", "strange", make_masks(1, classes=5)[0])
    again = load_dataset(tmp_path / "other", reading=dataset.reading, extents=(10, 14), channels=1, split=False)
    assert again.classes == dataset.classes
    assert again.test is not None
    assert set(np.unique(again.test.labels)) == {0, 2}
    assert [file.name for file in again.set_aside] == ["masks/strange.png"]


@pytest.mark.parametrize("axes", [1, 3])
def test_arrays_of_other_axes_have_masks_too(tmp_path: Path, axes: int) -> None:
    rng, sizes = np.random.default_rng(2), [9, 9, 7, 12, 9, 9, 9, 9]
    masks = {}
    for number, size in enumerate(sizes):
        mask = rng.integers(0, 3, (size, *[6] * (axes - 1))).astype(np.uint8)
        masks[f"images/v{number}.npy"] = mask
        for folder, values in (("images", mask * 1.5 - 1), ("masks", mask)):
            (tmp_path / folder).mkdir(exist_ok=True)
            np.save(tmp_path / folder / f"v{number}.npy", values)
    dataset = load_dataset(tmp_path)
    assert (dataset.task, dataset.facts.kind) == ("segment", "volumes")
    assert dataset.facts.extents == (9, *[6] * (axes - 1))
    for name, (sample, labels) in gather(dataset).items():
        mask, size = masks[name], len(masks[name])
        assert labels.shape == sample.shape[1:]
        start = (9 - size) // 2 if size < 9 else -((size - 9) // 2)
        for cell in range(9):
            inside = 0 <= cell - start < size
            wanted = mask[cell - start] if inside else 255
            assert (labels[cell] == wanted).all()


def test_arrays_in_memory_are_segmented_where_their_labels_have_axes() -> None:
    masks = make_masks(20)
    dataset = load_dataset(((40 * masks)[:, None], masks.astype(np.int64)))
    assert (dataset.task, dataset.classes) == ("segment", ("class 0", "class 1", "class 2"))
    for picture, labels in gather(dataset).values():
        assert (picture[0] == 40 * labels).all()
    with pytest.raises(DataError, match="found masks of 10x13 for samples of 10x14"):
        load_dataset(((40 * masks)[:, None], masks[:, :, :13]))
