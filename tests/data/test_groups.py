"""Groups are on one side of every split, whatever the samples; the one that is held out is the test part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.data import load_dataset
from striate.data.groups import find_groups, split_groups
from striate.data.pool import Side
from striate.errors import DataError


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.integers(0, 6), min_size=2, max_size=60),
    classes=st.integers(1, 3),
    seed=st.integers(0, 99),
    official=st.booleans(),
)
def test_no_group_is_on_two_sides_of_what_is_drawn(groups: list[int], classes: int, seed: int, official: bool) -> None:
    count = len(groups)
    labels = np.arange(count) % classes
    sides = np.full(count, Side.UNSAID, np.int8)
    if official:
        sides[::5] = Side.TEST
    parts = split_groups(labels, sides, [str(group) for group in groups], seed)
    places = [side for side in (parts.train, parts.val, parts.test) if side is not None]
    assert sorted(np.concatenate(places).tolist()) == list(range(count))
    drawn = [parts.train, parts.val] if official else places
    sets = [{groups[place] for place in side} for side in drawn if side is not None]
    assert sum(map(len, sets)) == len(set().union(*sets))
    if not official:
        assert set(labels[parts.train]) == set(labels)  # every class can be learned
    else:
        assert parts.test is not None
        assert (sides[parts.test] == Side.TEST).all()
    again = split_groups(labels, sides, [str(group) for group in groups], seed)
    assert (again.train == parts.train).all()


def test_parts_are_about_as_large_as_without_groups() -> None:
    groups = [str(n // 5) for n in range(500)]
    parts = split_groups(np.arange(500) % 2, np.zeros(500, np.int8), groups, 1)
    assert parts.val is not None
    assert parts.test is not None
    assert abs(len(parts.test) - 100) <= 5
    assert abs(len(parts.val) - 40) <= 5


def test_one_group_alone_all_trains() -> None:
    parts = split_groups(np.arange(9) % 2, np.zeros(9, np.int8), ["a"] * 9, 0)
    assert (len(parts.train), parts.val, parts.test) == (9, None, None)


@pytest.mark.parametrize(("pattern", "message"), [("(", "is no regular expression"), ("_x_", "finds nothing in a.wav")])
def test_patterns_that_are_none(pattern: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        find_groups(["a.wav"], pattern)
    assert find_groups(["ab.wav"], "a.") == ["ab"]


def write_voices(folder: Path) -> Path:
    """Recordings of two classes by four speakers."""
    rng = np.random.default_rng(0)
    for speaker in "abcd":
        for number in range(4):
            for label in ("no", "yes"):
                (folder / label).mkdir(parents=True, exist_ok=True)
                sound = rng.uniform(-0.5, 0.5, 400)
                soundfile.write(folder / label / f"{number}_{speaker}_x.wav", sound, 8000)
    return folder


def test_a_group_is_held_out_wholly(tmp_path: Path) -> None:
    folder = write_voices(tmp_path / "voices")
    data = load_dataset(folder, grouping={"pattern": r"\d_(\w)_", "hold_out": "b"})
    assert data.test is not None
    assert data.val is not None
    assert len(data.test) == 8
    assert all("_b_" in name for name in data.test.names)
    assert not any("_b_" in name for part in (data.train, data.val) for name in part.names)
    assert any("the group `b`" in note for note in data.facts.notes)
    assert data.grouping == {"pattern": r"\d_(\w)_", "hold_out": "b"}
    with pytest.raises(DataError, match="has the groups a, b, c, d; needed one of them"):
        load_dataset(folder, grouping={"pattern": r"\d_(\w)_", "hold_out": "z"})
    with pytest.raises(DataError, match="says no groups"):
        load_dataset(folder, grouping={"hold_out": "b"})


def test_a_column_groups_without_being_asked(tmp_path: Path) -> None:
    folder = write_voices(tmp_path / "voices")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.wav"))
    rows = [f"{file},{file.split('/')[0]},{file.split('_')[1]}" for file in files]
    (folder / "labels.csv").write_text("\n".join(["file,label,Group", *rows]))
    data = load_dataset(folder)
    parts = [part for part in (data.train, data.val, data.test) if part is not None]
    speakers = [{name.split("_")[1] for name in part.names} for part in parts]
    assert sum(map(len, speakers)) == 4
    assert len(load_dataset(folder, grouping={"hold_out": "c"}).test or ()) == 8
