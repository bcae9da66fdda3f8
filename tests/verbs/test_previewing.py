from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.errors import DataError
from striate.verbs import previewing
from striate.verbs.previewing import preview


def write_pictures(folder: Path, counts: dict[str, int], size: tuple[int, int] = (20, 10)) -> None:
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = np.full((*size, 3), (255, 0, number), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")


def test_class_folders_are_counted_and_one_picture_of_each_is_shown(tmp_path: Path) -> None:
    write_pictures(tmp_path, {"cat": 3, "dog": 5})
    (tmp_path / "cat" / "broken.png").write_bytes(b"no picture")
    found = preview(tmp_path)
    assert found.facts[0] == "9 pictures"
    assert found.facts[1] == "2 classes: cat, dog (4 to 5 each)"
    assert "not split" in found.facts[2]
    assert found.facts[-1] == "the first is 3x20x10"
    assert [(label, values.shape) for label, values in found.samples] == [("cat", (3, 20, 10)), ("dog", (3, 20, 10))]
    assert found.samples[0][1][:2].mean((1, 2)).tolist() == [1, 0]


def test_a_large_picture_is_brought_down(tmp_path: Path) -> None:
    write_pictures(tmp_path, {"cat": 1, "dog": 1}, size=(200, 100))
    assert [values.shape for _, values in preview(tmp_path).samples] == [(3, 64, 32)] * 2


def test_a_split_is_told(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", {"a": 2, "b": 2})
    write_pictures(tmp_path / "test", {"a": 1, "b": 1})
    assert "4 to train on, 2 to test" in preview(tmp_path).facts


def test_arrays_are_read_unless_they_are_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).integers(0, 256, (6, 1, 5, 6)).astype(np.uint8)
    np.savez(tmp_path / "set.npz", x=x, y=np.array([0, 1, 2, 0, 1, 2]))
    found = preview(tmp_path / "set.npz")
    assert "6 " in found.facts[0]
    assert "1x5x6" in found.facts[0]
    assert "3 classes" in found.facts[1]
    monkeypatch.setattr(previewing, "MOST_BYTES", 10)
    assert "too large" in preview(tmp_path / "set.npz").facts[1]


def test_too_many_files_are_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(tmp_path, {"cat": 3, "dog": 3})
    monkeypatch.setattr(previewing, "MOST_FILES", 5)
    with pytest.raises(DataError, match="more than 5 files"):
        preview(tmp_path)


def test_other_files_are_counted_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    found = preview(tmp_path)
    assert found.facts[0].startswith("1 file")
    assert found.samples == ()
