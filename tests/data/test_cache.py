from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.data.draw import make_folder, picture, save

from striate.data.cache import cache_home
from striate.data.decode import decode_images
from striate.data.load import load_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "set", {"cat": 12, "dog": 12})


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often images are really decoded."""
    made: list[int] = []
    real = decode_images

    def count(store, entries, request, allocate):  # type: ignore[no-untyped-def]
        made.append(len(entries))
        return real(store, entries, request, allocate)

    monkeypatch.setattr("striate.data.imageset.decode_images", count)
    return made


def kept(cache: Path) -> list[Path]:
    return sorted(path for path in (cache / "decoded").iterdir() if path.is_dir())


def test_the_second_load_decodes_nothing_and_gives_the_same(folder: Path, cache: Path, decodings: list[int]) -> None:
    (folder / "cat/bad.png").write_bytes(b"x")
    first, second = load_dataset(folder), load_dataset(folder)
    assert decodings == [25]
    assert len(kept(cache)) == 1
    assert first.facts == second.facts
    assert first.set_aside == second.set_aside
    assert first.fingerprint == second.fingerprint
    assert (first.train.inputs == second.train.inputs).all()


def test_kept_arrays_are_mapped_and_read_only(folder: Path) -> None:
    data = load_dataset(folder, split=False)
    assert data.test is not None
    assert isinstance(data.test.inputs, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        data.test.inputs[0] = 0


@pytest.mark.parametrize("change", ["new", "gone", "rewritten", "renamed", "touched"])
def test_a_changed_source_is_decoded_again(folder: Path, cache: Path, decodings: list[int], change: str) -> None:
    load_dataset(folder)
    if change == "new":
        save(folder / "cat/new.png", picture(99))
    elif change == "gone":
        (folder / "cat/000.png").unlink()
    elif change == "rewritten":
        save(folder / "cat/000.png", picture(99))
    elif change == "renamed":
        (folder / "cat/000.png").rename(folder / "cat/zzz.png")
    else:
        os.utime(folder / "cat/000.png", ns=(1, 1))
    load_dataset(folder)
    assert len(decodings) == 2
    assert len(kept(cache)) == 1  # what was kept for the older files is gone


def test_another_size_is_kept_beside(folder: Path, cache: Path, decodings: list[int]) -> None:
    for extents in ((8, 8), (9, 9), (8, 8)):
        assert load_dataset(folder, extents=extents).facts.extents == extents
    assert len(decodings) == len(kept(cache)) == 2


@pytest.mark.parametrize("name", ["decoded.npy", "hashes.npy", "kept.npy", "moments.npy", "facts.json"])
@pytest.mark.parametrize("how", ["cut", "emptied", "gone", "zeros"])
def test_a_torn_cache_is_made_again(folder: Path, cache: Path, decodings: list[int], name: str, how: str) -> None:
    first = load_dataset(folder).fingerprint
    [home] = kept(cache)
    content = (home / name).read_bytes()
    (home / name).unlink()
    if how == "cut":
        (home / name).write_bytes(content[: len(content) * 3 // 4])
    elif how == "emptied":
        (home / name).write_bytes(b"")
    elif how == "zeros":
        (home / name).write_bytes(bytes(len(content)))
    assert load_dataset(folder).fingerprint == first
    assert len(decodings) == 2
    assert load_dataset(folder).fingerprint == first
    assert len(decodings) == 2


def test_pixels_that_are_not_what_was_decoded_are_noticed(folder: Path, cache: Path, decodings: list[int]) -> None:
    first = load_dataset(folder).fingerprint
    path = kept(cache)[0] / "decoded.npy"
    content = bytearray(path.read_bytes())
    content[-20 * 20 * 3 * 10 :] = bytes(20 * 20 * 3 * 10)  # the tail was never written
    path.write_bytes(content)
    assert load_dataset(folder).fingerprint == first
    assert len(decodings) == 2


def test_what_a_killed_process_left_is_swept(folder: Path, cache: Path) -> None:
    load_dataset(folder)
    [home] = kept(cache)
    left = home.with_name(f"{home.name}.abc")
    left.mkdir()
    (left / "decoded.npy").write_bytes(b"x")
    (home / "facts.json").unlink()
    load_dataset(folder)
    assert kept(cache) == [home]


def test_without_a_cache_all_works_in_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decodings: list[int]
) -> None:
    first = load_dataset(folder)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "file" / "cache"))
    assert cache_home() is None
    second = load_dataset(folder)
    assert first.facts == second.facts
    assert not isinstance(second.train.inputs, np.memmap)
    assert len(decodings) == 2


@pytest.mark.parametrize("where", ["save", "replace", "free"])
def test_a_full_disk_costs_only_the_cache(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    if where == "free":
        monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    elif where == "save":
        monkeypatch.setattr(np, "save", full)
    else:
        monkeypatch.setattr(os, "replace", full)
    data = load_dataset(folder)
    assert data.facts.samples == 24
    assert kept(cache) == []


LOADER = """
import sys, time
from pathlib import Path
from striate.data.load import load_dataset
folder, gate = sys.argv[1:]
print("ready", flush=True)
while not Path(gate).exists():
    time.sleep(0.001)
told = []
print(load_dataset(folder, report=lambda done, total: told.append(done)).fingerprint, bool(told))
"""


def test_two_processes_at_once_decode_once(folder: Path, cache: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    command = [sys.executable, "-c", LOADER, str(folder), str(gate)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    gate.touch()
    results = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert results[0][0] == results[1][0]
    assert sorted(decoded for _, decoded in results) == ["False", "True"]
    assert len(kept(cache)) == 1
