from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.data import load_dataset, load_files
from striate.data.part import Part
from striate.errors import DataError

ROWS = 400
VALUES = np.random.default_rng(0).normal(100, 9, (2, ROWS)).astype(np.float32)
STATES = ["calm" if value < 100 else "wild" for value in VALUES[0]]
HEADER = ("date", "volume", "close", "state")


def write(path: Path, order: Sequence[int] = range(ROWS), header: Sequence[str] = HEADER) -> Path:
    lines = [",".join(header)]
    for row in order:
        fields: dict[str, Any] = {"date": row, "volume": VALUES[0, row], "close": VALUES[1, row]}
        fields |= dict.fromkeys(("state", "label"), STATES[row])
        lines.append(",".join(str(fields[name]) for name in header))
    path.write_text("\n".join(lines), "utf-8")
    return path


def find_rows(part: Part | None) -> list[tuple[int, int]]:
    """First and last row of each window, counted from 0, by its name."""
    assert part is not None
    words = [name.split(" ") for name in part.names]
    return [(int(each[-3]) - 1, int(each[-1]) - 1) for each in words]


@pytest.mark.parametrize("horizon", [1, 3])
def test_windows_and_the_next_values(tmp_path: Path, horizon: int) -> None:
    options: dict[str, Any] = {"window": 12, "horizon": horizon}
    found = load_dataset(write(tmp_path / "x.csv"), options=options)
    assert (found.task, found.facts.kind, found.facts.channels, found.facts.extents) == ("regress", "series", 2, (12,))
    assert found.classes == (("close",) if horizon == 1 else ("close +1", "close +2", "close +3"))
    for part in (found.train, found.val, found.test):
        assert part is not None
        for (first, last), inputs, labels in zip(find_rows(part), part.inputs, part.labels, strict=True):
            assert np.array_equal(inputs, VALUES[:, first : last + 1])
            assert np.array_equal(labels, VALUES[1, last + 1 : last + 1 + horizon])


def test_no_part_reads_or_tells_of_anothers_time(tmp_path: Path) -> None:
    found = load_dataset(write(tmp_path / "x.csv"), options={"window": 12, "horizon": 4})
    train, val, test = (find_rows(part) for part in (found.train, found.val, found.test))
    assert max(last for _, last in train) + 4 < min(first for first, _ in val)
    assert max(last for _, last in val) + 4 < min(first for first, _ in test)
    assert not found.official


@pytest.mark.parametrize("options", [{"window": 12, "horizon": 4}, {"window": 9, "horizon": 1, "step": 5}])
@pytest.mark.parametrize("task", ["regress", "classify"])
def test_another_future_leaves_every_earlier_part_as_it_was(tmp_path: Path, task: str, options: dict[str, Any]) -> None:
    """All rows from a border on are drawn anew: what lies before it is the same to the byte, labels and scale too."""
    found = load_dataset(write(tmp_path / "x.csv"), options=options, task=task)
    for border, kept in ((288, ("train",)), (320, ("train", "val"))):
        other = VALUES.copy()
        other[:, border:] = np.random.default_rng(border).normal(-50, 30, (2, ROWS - border))
        lines = [f"{row},{other[0, row]},{other[1, row]},x" for row in range(ROWS)]
        (tmp_path / str(border)).mkdir()
        (tmp_path / str(border) / "x.csv").write_text("\n".join([",".join(HEADER), *lines]))
        again = load_dataset(tmp_path / str(border) / "x.csv", options=options, task=task)
        for side in ("train", "val", "test"):
            one, two = getattr(found, side), getattr(again, side)
            same = [np.array_equal(one.inputs, two.inputs), np.array_equal(one.labels, two.labels)]
            assert all(same) == (side in kept)
            assert list(one.names) == list(two.names)
        assert (again.facts.mean, again.facts.std) == (found.facts.mean, found.facts.std)


@pytest.mark.parametrize(("step", "window"), [(1, 12), (7, 12), (30, 5)])
def test_what_is_said_of_the_borders_is_so(tmp_path: Path, step: int, window: int) -> None:
    found = load_dataset(write(tmp_path / "x.csv"), options={"window": window, "step": step})
    parts = [part for part in (found.train, found.val, found.test) if part is not None]
    lost = len(range(0, ROWS - window, step)) - sum(map(len, parts))
    split = next(note for note in found.facts.notes if "split by time" in note)
    assert split.startswith("split by time: rows 1 to 288 train, 289 to 320 validate, 321 to 400 test; ")
    assert split.endswith(f"; {lost} windows that reach over a border are in no part")
    whole = load_dataset(tmp_path / "x.csv", options={"window": window, "step": step}, split=False)
    assert not any("split" in note for note in whole.facts.notes)


def test_normalised_by_the_training_part_alone(tmp_path: Path) -> None:
    found = load_dataset(write(tmp_path / "x.csv"), options={"window": 12})
    assert found.train.inputs.dtype == np.float32
    for channel in range(2):
        seen = np.concatenate([window[channel] for window in found.train.inputs]).astype(np.float64)
        assert found.facts.mean[channel] == pytest.approx(seen.mean(), rel=1e-6)
        assert found.facts.std[channel] == pytest.approx(seen.std(), rel=1e-4)


@pytest.mark.parametrize("horizon", [1, 5])
def test_up_or_down(tmp_path: Path, horizon: int) -> None:
    found = load_dataset(write(tmp_path / "x.csv"), options={"window": 12, "horizon": horizon}, task="classify")
    assert found.classes == ("down", "up")
    for (_, last), label in zip(find_rows(found.train), found.train.labels, strict=True):
        assert label == (VALUES[1, last + horizon] > VALUES[1, last])


def test_a_column_of_classes_is_told_of_the_last_row_and_not_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", header=("date", "volume", "label"))
    found = load_dataset(path, options={"window": 12})
    assert (found.task, found.classes, found.facts.channels) == ("classify", ("calm", "wild"), 1)
    for (_, last), label in zip(find_rows(found.train), found.train.labels, strict=True):
        assert found.classes[label] == STATES[last]


def test_rows_in_any_order_are_the_same_set(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    shuffled = np.random.default_rng(1).permutation(ROWS).tolist()
    plain, mixed = (load_dataset(write(tmp_path / n / "x.csv", o)) for n, o in (("a", range(ROWS)), ("b", shuffled)))
    assert plain.fingerprint == mixed.fingerprint
    assert "sorted" in mixed.facts.notes[-1]
    assert "sorted" not in plain.facts.notes[-1]


def test_read_again_and_continued(tmp_path: Path) -> None:
    found = load_dataset(write(tmp_path / "x.csv"), options={"window": 10, "target": "volume"})
    again = load_dataset(tmp_path / "x.csv", reading=found.reading, extents=(10,), channels=2)
    assert again.fingerprint == found.fingerprint
    write(tmp_path / "later.csv", range(100, 120))
    later = load_dataset(tmp_path / "later.csv", reading=found.reading, extents=(10,), channels=2, split=False)
    assert later.test is not None
    assert len(later.test) == 10
    assert np.array_equal(later.test.labels[:, 0], VALUES[0, 110:120])
    write(tmp_path / "short.csv", range(5))
    paths = [tmp_path / "short.csv", tmp_path / "later.csv"]
    inputs, names, aside = load_files(paths, extents=(10,), channels=2, reading=found.reading)
    assert np.array_equal(inputs, VALUES[None, :, 110:120])
    assert names == [str(tmp_path / "later.csv")]
    assert "5 rows, fewer than a window's 10" in aside[0].reason


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n1,2\n", {}, "found the columns a,b; needed a time column"),
        ("time,b\n1,2\n2,3\n", {}, "found 2 rows"),
        ("time,b\n1,2\n2,\n3,4\n", {}, "line 3, column b: found '', needed a number"),
        ("time,b\n1,2\n", {"target": "c"}, "found no column c, needed one of b"),
        ("time,b\n1,2\n", {"time": "when"}, "needed a time column"),
        ("time\n1\n", {}, "found the time alone"),
        ("time,label\n1,x\n", {}, "found no column of numbers"),
        ("time,b\n1,2\n", {"window": 0, "horizon": 0}, "found window .* and horizon 0"),
    ],
)
def test_refused_in_one_line(tmp_path: Path, text: str, options: dict[str, Any], message: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(tmp_path / "x.csv", options=options)
    assert "\n" not in str(caught.value)
