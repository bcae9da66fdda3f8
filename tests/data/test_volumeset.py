"""Arrays of class folders in one pool: told by how they were read before, and what is said of their values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from striate.data import cache
from striate.data.folder import Folder
from striate.data.pool import Pool, Request, Side
from striate.data.volumes import LEVELS
from striate.data.volumeset import describe_values, holds_volumes, read_volumes


def write(folder: Path, sides: tuple[str, ...] = ("train", "val", "test"), scale: float = 1.0) -> Folder:
    """An array of one value a file; every part has values of its own, those of the later parts the larger."""
    for place, side in enumerate(sides):
        for number, label in enumerate(("a", "b", "b")):
            path = folder / side / label / f"{number}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, np.full((5, 6), scale * (10 * place + number)))
    return Folder(folder)


def read(store: Folder, request: Request | None = None) -> Pool:
    return read_volumes(store, request or Request(), Path(store.where))


def test_the_line_from_values_to_levels_is_that_of_the_training_files_alone(tmp_path: Path) -> None:
    pool = read(write(tmp_path, scale=0.5))
    assert pool.value_range == (0.0, 1.0)
    for sample, name, side, label in zip(pool.inputs, pool.names, pool.sides, pool.labels, strict=True):
        value = float(np.load(tmp_path / name)[0, 0])
        level = round(min(max(value, 0.0), 1.0) * LEVELS) - 32768
        assert (sample == level).all()
        assert Side(side).name.lower() == name.split("/")[0]
        assert pool.classes[label] == name.split("/")[1]
    assert (pool.kind, pool.task) == ("volumes", "classify")


def test_bytes_have_no_range_and_no_note(tmp_path: Path) -> None:
    pool = read(write(tmp_path))
    assert pool.inputs.dtype == np.uint8
    assert pool.value_range is None
    assert pool.notes == ()
    assert {int(sample[0, 0, 0]) for sample in pool.inputs} == {0, 1, 2, 10, 11, 12, 20, 21, 22}


def test_another_set_is_read_by_the_first_ones_line(tmp_path: Path) -> None:
    first = read(write(tmp_path / "one", scale=0.5))
    again = read(write(tmp_path / "two", sides=("train",), scale=0.25), Request(reading=first.reading))
    assert again.reading == first.reading
    values = sorted((int(sample[0, 0, 0]) + 32768) / LEVELS for sample in again.inputs)
    assert values == pytest.approx([0, 0.25, 0.5], abs=1e-4)


def test_a_second_reading_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = write(tmp_path, scale=0.5)
    first = read(store)
    monkeypatch.setattr(cache, "_keep", None)
    second = read(store)
    assert np.array_equal(first.inputs, second.inputs)
    assert (first.notes, first.reading, first.value_range) == (second.notes, second.reading, second.value_range)


def test_a_class_that_lost_all_its_arrays_is_named(tmp_path: Path) -> None:
    write(tmp_path, sides=("train",))
    (tmp_path / "train" / "c").mkdir()
    (tmp_path / "train" / "c" / "1.npy").write_bytes(b"torn")
    pool = read(Folder(tmp_path))
    assert pool.classes == ("a", "b")
    assert [each.name for each in pool.set_aside] == ["train/c/1.npy", "c"]
    assert pool.set_aside[1].reason == "a class without an array that can be read"


@pytest.mark.parametrize(("reading", "found"), [(None, True), ({"kind": "volumes"}, True), ({"kind": "images"}, False)])
def test_how_a_set_was_read_before_stands_above_its_names(
    tmp_path: Path, reading: dict[str, str] | None, found: bool
) -> None:
    assert holds_volumes(write(tmp_path), Request(reading=reading)) is found
    (tmp_path / "other").mkdir()
    assert holds_volumes(Folder(tmp_path / "other"), Request(reading={"kind": "volumes"}))
    assert not holds_volumes(Folder(tmp_path / "other"), Request())


@pytest.mark.parametrize(("axis", "words"), [(None, None), (0, "first"), (-1, "last")])
@pytest.mark.parametrize("in_bytes", [False, True])
def test_notes_say_where_the_channels_are_and_what_became_of_the_values(
    axis: int | None, words: str | None, in_bytes: bool
) -> None:
    notes = describe_values({"axis": axis, "in_bytes": in_bytes, "low": -1000.0, "high": 3071.25})
    assert len(notes) == (words is not None) + (not in_bytes)
    assert words is None or notes[0] == f"the {words} axis of the arrays holds the channels"
    assert in_bytes or ("-1000 to 3071.25" in notes[-1] and "65,536 levels" in notes[-1])
