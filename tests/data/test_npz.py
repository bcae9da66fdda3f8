from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from striate.data import swelling
from striate.data.load import load_dataset
from striate.errors import DataError

INPUTS = np.random.default_rng(0).integers(0, 256, (40, 8, 8), np.uint8)
LABELS = np.arange(40) % 4


def test_keras_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x_train=INPUTS[:30], y_train=LABELS[:30], x_test=INPUTS[30:], y_test=LABELS[30:])
    data = load_dataset(tmp_path / "set.npz")
    assert (data.name, data.official) == ("set", True)
    assert data.test is not None
    assert (data.test.inputs[:, 0] == INPUTS[30:]).all()
    assert data.test.names[3] == "test[3]"


def test_in_a_folder_and_beside_loose_arrays(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "set.npz", images=INPUTS, labels=LABELS)
    (tmp_path / "loose").mkdir()
    np.save(tmp_path / "loose" / "x.npy", INPUTS)
    np.save(tmp_path / "loose" / "y.npy", LABELS)
    packed, loose, memory = (load_dataset(s) for s in (tmp_path, tmp_path / "loose", (INPUTS, LABELS)))
    assert packed.fingerprint == loose.fingerprint == memory.fingerprint


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x=INPUTS, y=np.array([{"a": 1}] * 40, object))
    with pytest.raises(DataError, match="y can't be read as an array"):
        load_dataset(tmp_path / "set.npz")


def test_several_are_too_many(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        np.savez(tmp_path / name, x=INPUTS, y=LABELS)
    with pytest.raises(DataError, match=r"2 \.npz files"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 and then nothing"])
def test_damaged_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"set\.npz: can't be read"):
        load_dataset(tmp_path / "set.npz")


def test_a_member_cut_short(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", x=INPUTS, y=LABELS)
    with zipfile.ZipFile(tmp_path / "whole.npz") as whole, zipfile.ZipFile(tmp_path / "set.npz", "w") as cut:
        cut.writestr("x.npy", whole.read("x.npy")[:-5])
        cut.writestr("y.npy", whole.read("y.npy"))
    with pytest.raises(DataError, match="x can't be read as an array"):
        load_dataset(tmp_path / "set.npz")


def test_a_single_array_lacks_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", INPUTS)
    with pytest.raises(DataError, match="needed both x and y"):
        load_dataset(tmp_path / "x.npy")
    (tmp_path / "x.npy").rename(tmp_path / "x.npz")
    with pytest.raises(DataError, match="a single array"):
        load_dataset(tmp_path / "x.npz")


def test_arrays_that_swell_absurdly_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "set.npz", x=np.zeros((2, 1 << 22), np.uint8), y=[0, 1])
    assert load_dataset(tmp_path / "set.npz", split=False).facts.samples == 2
    monkeypatch.setattr(swelling, "RATIO_FROM_BYTES", 1 << 20)
    with pytest.raises(DataError, match=r"x\.npy swells to more than 1000 times"):
        load_dataset(tmp_path / "set.npz")


@pytest.mark.parametrize("harm", [(b"(4, ", b"(4,( "), (b"'shape'", b"\n'shape"), (b"False", b"[[[[[")])
def test_a_damaged_header_is_one_line(tmp_path: Path, harm: tuple[bytes, bytes]) -> None:
    """numpy parses it as text of Python's, and lets that parser's errors through."""
    np.save(tmp_path / "x.npy", np.zeros((4, 5, 5), np.uint8))
    np.save(tmp_path / "y.npy", np.array([0, 1, 0, 1]))
    content = (tmp_path / "x.npy").read_bytes()
    assert harm[0] in content
    (tmp_path / "x.npy").write_bytes(content.replace(*harm, 1))
    with pytest.raises(DataError, match="x can't be read as an array") as caught:
        load_dataset(tmp_path)
    assert "\n" not in str(caught.value)
