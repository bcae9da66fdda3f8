from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from tests.data.draw import CODES, as_idx, write_idx

from striate.data.idx import parse_idx
from striate.data.load import load_dataset
from striate.errors import DataError


@pytest.mark.parametrize("dtype", list(CODES))
@pytest.mark.parametrize("zipped", [False, True])
def test_every_type_reads_back(dtype: str, zipped: bool) -> None:
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    content = as_idx(values)
    read = parse_idx(gzip.compress(content) if zipped else content, "x")
    assert read.tolist() == values.tolist()
    assert read.dtype.newbyteorder("=") == np.dtype(dtype)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("stem", ["", "emnist-letters-"])
def test_train_and_test_under_any_prefix(tmp_path: Path, stem: str, zipped: bool) -> None:
    write_idx(tmp_path, f"{stem}train", 60, first=1, zipped=zipped)
    write_idx(tmp_path, f"{stem}t10k" if not stem else f"{stem}test", 9, first=1, zipped=zipped, seed=1)
    data = load_dataset(tmp_path)
    assert data.classes == ("1", "2", "3")
    assert data.official
    assert data.val is not None
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (54, 6, 9)
    assert (data.facts.kind, data.facts.channels, data.facts.extents) == ("images", 1, (5, 6))
    assert data.test.names[7] == "test[7]"
    whole = np.random.default_rng(0).integers(0, 256, (60, 5, 6), np.uint8)
    number = int(data.train.names[11].removeprefix("train[").removesuffix("]"))
    assert (data.train.inputs[11, 0] == whole[number]).all()


def test_train_alone_is_split(tmp_path: Path) -> None:
    write_idx(tmp_path, "train", 60)
    data = load_dataset(tmp_path)
    assert not data.official
    assert data.test is not None
    assert len(data.test) == 12


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "starts with nothing"),
        (b"\x89PNG....", "starts with 89 50 4e 47"),
        (as_idx(np.zeros((3, 2), np.uint8))[:-1], "only 5 bytes of values; needed 6"),
        (as_idx(np.zeros((3, 2), np.uint8)) + b"x", "found more"),
        (as_idx(np.zeros((3, 2), np.uint8))[:7], "cut short"),
        (struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 9), "needed at most"),
        (gzip.compress(as_idx(np.zeros((300, 20), np.uint8)), mtime=0)[:-9], "only"),
        (b"\x1f\x8b" + b"nonsense", "damaged gzip"),
    ],
)
def test_damaged_files(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_idx(content, "some-file")


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(as_idx(np.zeros(4, np.uint8)) + bytes(1 << 26))
    with pytest.raises(DataError, match="found more"):
        parse_idx(bomb, "x")


def test_counts_that_differ(tmp_path: Path) -> None:
    write_idx(tmp_path, "train", 10)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(as_idx(np.zeros(9, np.uint8)))
    with pytest.raises(DataError, match="10 inputs but 9 labels"):
        load_dataset(tmp_path)


def test_a_missing_half(tmp_path: Path) -> None:
    write_idx(tmp_path, "train", 10)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="but no labels"):
        load_dataset(tmp_path)


def test_two_sets_in_one_folder(tmp_path: Path) -> None:
    write_idx(tmp_path, "train", 10)
    write_idx(tmp_path, "letters-train", 10)
    with pytest.raises(DataError, match="found both letters-train-images"):
        load_dataset(tmp_path)
