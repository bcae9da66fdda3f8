from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.data.draw import make_folder

from striate.data import finish as finish_module
from striate.data.load import load_dataset
from striate.errors import DataError


def test_facts_against_plain_sums() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (50, 6, 7, 3), np.uint8)
    data = load_dataset((inputs, np.arange(50) % 5))
    values = data.train.inputs.astype(np.float64) / 255
    assert data.facts.mean == pytest.approx([values[:, c].mean() for c in range(3)], abs=1e-12)
    assert data.facts.std == pytest.approx([values[:, c].std() for c in range(3)], abs=1e-12)
    assert data.facts.counts == (10, 10, 10, 10, 10)
    assert (data.facts.samples, data.facts.train_samples) == (50, len(data.train))
    assert (data.facts.grey, data.facts.channels) == (False, 3)


def test_leaks_are_counted() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8)
    test = np.concatenate([inputs[:3], inputs[:1], 255 - inputs[:4]])
    arrays = {"x_train": inputs, "y_train": np.arange(30) % 2, "x_test": test, "y_test": np.arange(8) % 2}
    data = load_dataset({**arrays, "x_val": inputs[5:7], "y_val": [0, 1]})
    assert data.facts.leaked == 6


def test_the_fingerprint_is_the_contents_alone() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8)
    labels = np.arange(30) % 2
    one = load_dataset((inputs, labels)).fingerprint
    assert (
        one
        == load_dataset((inputs, labels), seed=5).fingerprint
        == load_dataset((inputs, labels), split=False).fingerprint
    )
    changed = inputs.copy()
    changed[7, 3, 3] ^= 1
    others = {
        load_dataset((changed, labels)).fingerprint,
        load_dataset((inputs, 1 - labels)).fingerprint,
        load_dataset((inputs, labels + 1)).fingerprint,
        load_dataset((inputs.reshape(30, 64), labels)).fingerprint,
    }
    assert len(others | {one}) == 5


def test_without_a_split_all_is_test() -> None:
    data = load_dataset(
        {"x_train": np.zeros((3, 8)), "y_train": [1] * 3, "x_val": np.ones((2, 8)), "y_val": [1] * 2}, split=False
    )
    assert len(data.train) == 0
    assert data.train.inputs.shape == (0, 1, 8)
    assert data.val is None
    assert data.test is not None
    assert list(data.test.names) == ["train[0]", "train[1]", "train[2]", "val[0]", "val[1]"]
    assert data.facts.mean == (0.4,)
    assert not data.official


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"cat": 3}, "found one class only \\(cat\\)"),
        ({"train/cat": 3, "train/dog": 3, "test/emu": 1}, "no training sample of 1 of 3 classes \\(emu\\)"),
        ({"test/cat": 3, "test/dog": 3}, "found val or test alone"),
    ],
)
def test_classes_that_can_not_be_trained(tmp_path: Path, counts: dict[str, int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_dataset(make_folder(tmp_path, counts))
    assert load_dataset(tmp_path, split=False).facts.samples == sum(counts.values())


def test_nothing_that_can_be_read(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"4 were set aside, the first: cat/1\.png: not an image"):
        load_dataset(tmp_path)


def test_a_large_part_is_copied_to_a_nameless_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    folder = make_folder(tmp_path, {"cat": 20, "dog": 20})
    plain = load_dataset(folder)
    before = sorted(cache.rglob("*"))
    monkeypatch.setattr(finish_module, "IN_MEMORY_BYTES", 0)
    mapped = load_dataset(folder)
    assert isinstance(mapped.train.inputs, np.memmap)
    assert (mapped.train.inputs == plain.train.inputs).all()
    assert sorted(cache.rglob("*")) == before
