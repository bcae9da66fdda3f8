from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from striate.data.cifar import PIXELS
from striate.data.load import load_dataset
from striate.errors import DataError


def write_ten(folder: Path) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    rng, batches = np.random.default_rng(0), {}
    for name in ("data_batch_1.bin", "data_batch_2.bin", "data_batch_10.bin", "test_batch.bin"):
        records = rng.integers(0, 256, (20, 1 + PIXELS), np.uint8)
        records[:, 0] = np.arange(20) % 10
        batches[name] = records.tobytes()
        (folder / name).write_bytes(batches[name])
    (folder / "batches.meta.txt").write_text("\n".join(f"class {n}" for n in range(10)) + "\n\n")
    return batches


def test_ten_against_one_byte_at_a_time(tmp_path: Path) -> None:
    batches = write_ten(tmp_path)
    data = load_dataset(tmp_path)
    assert data.official
    assert data.test is not None
    assert (data.facts.samples, len(data.test), data.classes[3]) == (80, 20, "class 3")
    assert data.test.names[5] == "test_batch[5]"
    row = batches["test_batch.bin"][5 * (1 + PIXELS) : 6 * (1 + PIXELS)]
    assert data.test.labels[5] == row[0]
    for channel, y, x in ((0, 0, 0), (1, 2, 3), (2, 31, 30)):
        assert data.test.inputs[5, channel, y, x] == row[1 + channel * 1024 + y * 32 + x]


def test_batches_are_read_by_number_and_from_a_tar(tmp_path: Path) -> None:
    write_ten(tmp_path / "cifar-10-batches-bin")
    with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "cifar-10-batches-bin", "cifar-10-batches-bin")
    packed = load_dataset(tmp_path / "cifar-10-binary.tar.gz", split=False)
    plain = load_dataset(tmp_path / "cifar-10-batches-bin", split=False)
    assert packed.test is not None
    assert plain.test is not None
    assert list(packed.test.names) == list(plain.test.names)
    assert plain.test.names[20:60:39][0] == "data_batch_2[0]"
    assert plain.test.names[59] == "data_batch_10[19]"
    assert packed.fingerprint == plain.fingerprint


def test_a_hundred_has_fine_labels(tmp_path: Path) -> None:
    for name, count in (("train.bin", 400), ("test.bin", 100)):
        records = np.zeros((count, 2 + PIXELS), np.uint8)
        records[:, 0], records[:, 1] = 7, np.arange(count) % 100
        (tmp_path / name).write_bytes(records.tobytes())
    data = load_dataset(tmp_path)
    assert data.test is not None
    assert len(data.classes) == 100
    assert data.test.labels.tolist() == list(range(100))


def test_a_truncated_batch(tmp_path: Path) -> None:
    batches = write_ten(tmp_path)
    (tmp_path / "data_batch_2.bin").write_bytes(batches["data_batch_2.bin"][:-1])
    with pytest.raises(DataError, match=r"data_batch_2.bin: found 61459 bytes; needed a multiple of 3073"):
        load_dataset(tmp_path)


def test_a_label_without_a_class(tmp_path: Path) -> None:
    batches = write_ten(tmp_path)
    (tmp_path / "test_batch.bin").write_bytes(b"\x0a" + batches["test_batch.bin"][1:])
    with pytest.raises(DataError, match="found the label 10"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("names", [("data_batch_1", "batches.meta"), ("train", "test", "meta")])
def test_pickled_batches_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"\x80\x02}q\x01.")
    with pytest.raises(DataError, match="needed the binary version"):
        load_dataset(tmp_path)
