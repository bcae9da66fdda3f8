"""One array file as a sample: what is read of it, what is refused and why, and how it is cut or padded to a shape."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from striate.data import sweep
from striate.data.folder import Folder
from striate.data.volume import fit_volume, names_volumes, read_volume


def pack(*arrays: NDArray[np.generic], npz: bool = False) -> bytes:
    stream = io.BytesIO()
    if npz:
        np.savez_compressed(stream, *arrays)
    else:
        np.save(stream, arrays[0], allow_pickle=True)
    return stream.getvalue()


def read(folder: Path, content: bytes, name: str = "x.npy") -> NDArray[np.generic]:
    (folder / name).write_bytes(content)
    store = Folder(folder)
    return read_volume(store, store.entries[0])


@pytest.mark.parametrize("npz", [False, True])
@pytest.mark.parametrize("dtype", ["?", "u1", "i2", ">i4", "f2", ">f4", "f8"])
def test_an_array_of_numbers_is_read_as_it_is(tmp_path: Path, dtype: str, npz: bool) -> None:
    array = (np.arange(24).reshape(2, 3, 4) % 2).astype(dtype)
    found = read(tmp_path, pack(array, npz=npz))
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


def test_the_order_in_the_file_does_not_matter(tmp_path: Path) -> None:
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(read(tmp_path, pack(np.asfortranarray(array))), array)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pack(np.zeros((2, 0))), "an array without values"),
        (pack(np.array(3.0)), "a single number"),
        (pack(np.array(["a", "b"])), "values of type <U1; needed whole numbers or floats"),
        (pack(np.array([1j])), "values of type complex128"),
        (pack(np.array([1.0, np.nan])), "NaN or infinity in it"),
        (pack(np.array([[-np.inf]])), "NaN or infinity in it"),
        (pack(np.zeros(2), np.zeros(2), npz=True), "2 arrays in it; needed one"),
        (pack(npz=True), "0 arrays in it; needed one"),
        (pack(np.array([{}])), "allow_pickle=False"),
    ],
)
def test_anything_else_is_refused_by_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(tmp_path, content)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_BYTES", 100)
    with pytest.raises(OSError, match="more than 100 bytes"):
        read(tmp_path, pack(np.zeros(50)))


@pytest.mark.parametrize(("extents", "fill"), [((3, 4), 0), ((8, 2), 5), ((5, 5), -1), ((1, 9), 7)])
def test_fitting_is_what_a_loop_over_cells_finds(extents: tuple[int, int], fill: float) -> None:
    array = np.arange(50.0).reshape(2, 5, 5)
    fitted = fit_volume(array, extents, fill)
    for place in np.ndindex(2, *extents):
        source = list(place)
        for axis, extent in enumerate(extents, start=1):
            source[axis] += (5 - extent) // 2 if extent <= 5 else -((extent - 5) // 2)
        inside = all(0 <= at < extent for at, extent in zip(source, array.shape, strict=True))
        assert fitted[place] == (array[tuple(source)] if inside else fill)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("a/1.npy", "b/1.npy"), True),
        (("train/a/1.npy", "train/b/1.npz"), True),
        (("x_train.npy", "y_train.npy"), False),
        (("train/x.npy", "test/y.npy"), False),
        (("a/x_train.npy", "b/y_train.npy"), False),
        (("a/1.npy", "a/2.npy"), False),
    ],
)
def test_a_sample_a_file_is_told_from_the_arrays_of_a_set(tmp_path: Path, names: tuple[str, ...], found: bool) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert names_volumes(Folder(tmp_path)) is found
