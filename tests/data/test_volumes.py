"""Arrays that are a sample each: their axes, shapes and values, against plain loops."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from striate.data import load_dataset, load_files
from striate.data.folder import Folder
from striate.data.pool import Request
from striate.data.volumes import choose_axis, decode_volumes
from striate.errors import DataError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path_factory.mktemp("cache")))


def write_arrays(folder: Path, shape: tuple[int, ...], each: int = 5, dtype: str = "f4") -> Path:
    rng = np.random.default_rng(0)
    for offset, label in enumerate(("a", "b")):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            values = 40 * rng.normal(size=shape) + 90 * offset
            np.save(folder / label / f"{number}.npy", np.clip(values, 0, 255).astype(dtype) if dtype == "u1" else
                    values.astype(dtype))  # fmt: skip
    return folder


@pytest.mark.parametrize(
    ("shape", "channels", "extents"),
    [
        ((7,), 1, (7,)),
        ((6, 5), 1, (6, 5)),
        ((3, 9), 3, (9,)),
        ((9, 9, 3), 3, (9, 9)),
        ((6, 7, 8), 1, (6, 7, 8)),
        ((4, 6, 7, 8), 4, (6, 7, 8)),
        ((5, 6, 7, 8), 1, (5, 6, 7, 8)),
    ],
)
def test_any_number_of_axes(tmp_path: Path, shape: tuple[int, ...], channels: int, extents: tuple[int, ...]) -> None:
    found = load_dataset(write_arrays(tmp_path, shape))
    assert found.facts.kind == "volumes"
    assert (found.facts.channels, found.facts.extents) == (channels, extents)
    assert found.train.inputs.dtype == np.int16


def test_values_keep_65536_levels_of_the_trainings_range(tmp_path: Path) -> None:
    write_arrays(tmp_path / "train", (5, 6, 7))
    write_arrays(tmp_path / "test", (5, 6, 7))
    wild = np.full((5, 6, 7), 1e6, np.float32)
    np.save(tmp_path / "test" / "a" / "wild.npy", wild)
    found = load_dataset(tmp_path)
    assert found.test is not None
    arrays = {path.relative_to(tmp_path).as_posix(): np.load(path) for path in tmp_path.rglob("*.npy")}
    of_training = [array for name, array in arrays.items() if name.startswith("train")]
    low, high = min(float(a.min()) for a in of_training), max(float(a.max()) for a in of_training)
    assert found.facts.value_range == (low, high)
    for name, sample in zip(found.test.names, found.test.inputs, strict=True):
        for place, value in np.ndenumerate(arrays[name]):
            level = round((min(max(float(value), low), high) - low) / (high - low) * 65535) - 32768
            assert abs(int(sample[(0, *place)]) - level) <= 1
    assert any("65,536 levels" in note for note in found.facts.notes)


def test_bytes_stay_bytes(tmp_path: Path) -> None:
    found = load_dataset(write_arrays(tmp_path, (5, 6, 7), dtype="u1"), split=False)
    assert found.test is not None
    assert found.test.inputs.dtype == np.uint8
    assert found.facts.value_range is None
    for name, sample in zip(found.test.names, found.test.inputs, strict=True):
        assert np.array_equal(sample[0], np.load(tmp_path / name))


def test_shapes_that_differ_meet_at_their_median(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for extent in (6, 8, 10):
            np.save(tmp_path / label / f"{extent}.npy", np.full((extent, 9, 7), float(extent)))
    found = load_dataset(tmp_path, split=False)
    assert found.test is not None
    assert found.facts.extents == (8, 9, 7)
    assert (found.facts.smallest, found.facts.largest) == ((6, 9, 7), (10, 9, 7))
    for name, sample in zip(found.test.names, found.test.inputs[:, 0], strict=True):
        extent = int(name[2:-4])
        around = (8 - extent) // 2 if extent < 8 else 0
        assert (sample[around : 8 - around] == extent).all()
        assert not around or (sample[[0, -1]] == 0).all()


def test_files_that_hold_no_array_are_named(tmp_path: Path) -> None:
    write_arrays(tmp_path, (5, 6, 7))
    bad = tmp_path / "a"
    np.save(bad / "flat.npy", np.zeros((5, 6)))
    np.save(bad / "nan.npy", np.full((5, 6, 7), np.nan))
    np.save(bad / "objects.npy", np.array([{"a": 1}]), allow_pickle=True)
    np.savez(bad / "two.npz", x=np.zeros((5, 6, 7)), y=np.zeros((5, 6, 7)))
    np.savez(bad / "one.npz", x=np.zeros((5, 6, 7)))
    (bad / "torn.npy").write_bytes((bad / "0.npy").read_bytes()[:200])
    (bad / "empty.npy").write_bytes(b"")
    found = load_dataset(tmp_path)
    assert {each.name for each in found.set_aside} == {
        f"a/{name}" for name in ("flat.npy", "nan.npy", "objects.npy", "two.npz", "torn.npy", "empty.npy")
    }
    reasons = {each.name.split("/")[1]: each.reason for each in found.set_aside}
    assert reasons["flat.npy"] == "an array of 2 axes; needed 3"
    assert reasons["nan.npy"] == "NaN or infinity in it"
    assert reasons["two.npz"] == "2 arrays in it; needed one"
    assert found.facts.samples == 11


def test_a_packed_array_that_swells_absurdly_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("striate.data.swelling.RATIO_FROM_BYTES", 1 << 16)
    write_arrays(tmp_path, (5, 6, 7))
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((80, 80, 80)))
    with zipfile.ZipFile(tmp_path / "a" / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x.npy", buffer.getvalue())
    found = load_dataset(tmp_path)
    assert [each.name for each in found.set_aside] == ["a/bomb.npz"]
    assert "swells" in found.set_aside[0].reason


def test_new_files_are_read_by_the_same_line(tmp_path: Path) -> None:
    found = load_dataset(write_arrays(tmp_path, (5, 6, 7)), split=False)
    assert found.test is not None
    paths = [tmp_path / name for name in found.test.names]
    np.save(tmp_path / "flat.npy", np.zeros((5, 6)))
    inputs, _, aside = load_files([*paths, tmp_path / "flat.npy"], extents=(5, 6, 7), channels=1, reading=found.reading)
    assert np.array_equal(inputs, found.test.inputs)
    assert [each.reason for each in aside] == ["an array of 2 axes; needed 3"]
    alone = load_files(paths[:1], extents=(5, 6, 7), channels=1, reading=found.reading)[0]
    assert np.array_equal(alone, inputs[:1])


def test_channels_at_both_ends_are_refused() -> None:
    with pytest.raises(DataError, match="channels may be the first axis or the last"):
        choose_axis([(3, 8, 8, 3)])
    assert choose_axis([(3, 8, 8), (4, 8, 8)]) is None


def test_a_shape_that_arrays_cannot_have_is_refused(tmp_path: Path) -> None:
    store = Folder(write_arrays(tmp_path, (5, 6, 7)))
    for request, message in ((Request((5, 6)), "needed samples of 5x6"), (Request(None, 3), "of 1 channels; needed 3")):
        with pytest.raises(DataError, match=message):
            decode_volumes(store, store.entries, request)
