from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from tests.data.draw import make_folder, picture, save

from striate.data.load import load_dataset


def test_labels_and_pixels_stay_together(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/10": 12, "train/9": 8, "test/10": 3, "test/9": 3})
    data = load_dataset(tmp_path)
    assert data.classes == ("9", "10")
    assert data.val is not None
    assert data.test is not None
    for part in (data.train, data.val, data.test):
        for inputs, label, name in zip(part.inputs, part.labels, part.names, strict=True):
            assert data.classes[label] == name.split("/")[1]
            assert (np.moveaxis(inputs, 0, 2) == np.asarray(Image.open(tmp_path / name))).all()
    assert {name.split("/")[0] for name in data.test.names} == {"test"}


def test_a_table_of_labels(tmp_path: Path) -> None:
    for number in range(20):
        save(tmp_path / "img" / f"{number}.png", picture(number))
    rows = [f"img/{number}.png,{'odd' if number % 2 else 'even'}" for number in range(20)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows, "img/gone.png,odd"]))
    for source in (tmp_path, tmp_path / "labels.csv"):
        data = load_dataset(source, split=False)
        assert data.test is not None
        assert data.classes == ("even", "odd")
        numbers = [int(name[4:-4]) for name in data.test.names]
        assert [number % 2 for number in numbers] == data.test.labels.tolist()
        assert [aside.name for aside in data.set_aside] == ["img/gone.png"]


def test_a_class_whose_images_are_all_broken_is_named(tmp_path: Path) -> None:
    make_folder(tmp_path, {"cat": 4, "dog": 4})
    (tmp_path / "emu").mkdir()
    (tmp_path / "emu/1.png").write_bytes(b"x")
    data = load_dataset(tmp_path)
    assert data.classes == ("cat", "dog")
    assert [aside.name for aside in data.set_aside] == ["emu/1.png", "emu"]


def test_the_users_files_are_left_as_they_were(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "set", {"cat": 3, "dog": 3})
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*.png"))}
    load_dataset(folder)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*.*"))}


def test_names_of_any_bytes(tmp_path: Path) -> None:
    make_folder(tmp_path, {"cat": 3, "großer Hund": 3})
    try:
        save(tmp_path / "cat" / "a\nb.png", picture(1))
        (tmp_path / "cat" / "x\udcff.png").write_bytes(b"x")
    except OSError:  # a file system that takes no such names
        return
    data = load_dataset(tmp_path, split=False)
    assert data.test is not None
    assert "cat/a\\nb.png" in list(data.test.names)
    assert data.classes == ("cat", "großer Hund")
    assert [aside.name for aside in data.set_aside] == ["cat/x\\udcff.png"]
    assert load_dataset(tmp_path, split=False).set_aside == data.set_aside
