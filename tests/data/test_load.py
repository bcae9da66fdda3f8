from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.data.draw import make_folder

from striate.data.load import load_dataset
from striate.errors import DataError


def test_the_split_is_a_function_of_seed_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(tmp_path / "one", {"cat": 20, "dog": 20})
    first = load_dataset(folder, seed=3)
    scan = os.scandir

    class Backwards:
        def __init__(self, path: Path) -> None:
            with scan(path) as listing:
                self.items = sorted(listing, key=lambda item: item.name, reverse=True)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.items

        def __exit__(self, *error: object) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Backwards)
    (tmp_path / "one").rename(tmp_path / "two")
    second = load_dataset(tmp_path / "two", seed=3)
    assert list(first.train.names) == list(second.train.names)
    assert first.fingerprint == second.fingerprint
    assert list(load_dataset(tmp_path / "two", seed=4).train.names) != list(first.train.names)


def test_parts_share_no_sample(tmp_path: Path) -> None:
    data = load_dataset(make_folder(tmp_path, {"cat": 20, "dog": 10, "emu": 1}))
    assert data.val is not None
    assert data.test is not None
    names = [name for part in (data.train, data.val, data.test) for name in part.names]
    assert len(names) == len(set(names)) == 31
    assert "emu/000.png" in list(data.train.names)
    assert (data.name, data.source) == (tmp_path.name, str(tmp_path.resolve()))


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="found no files; needed a folder for each class"):
        load_dataset(tmp_path)


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not found; needed a folder, an archive"):
        load_dataset(tmp_path / "nowhere")


@pytest.mark.parametrize("source", ["", "  ", "x" * 5000, "a\0b", "~nobody-of-this-name/set", "conv3-8\nfc-10"])
def test_what_is_no_path_at_all(source: str) -> None:
    with pytest.raises(DataError, match="not found; needed") as caught:
        load_dataset(source)
    assert "\n" not in str(caught.value)


def test_a_folder_wins_as_a_path_and_a_name_as_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path / "digits", {"cat": 3, "dog": 3})
    monkeypatch.chdir(tmp_path)
    assert load_dataset("digits").facts.samples == 1797
    assert load_dataset("./digits").facts.samples == 6
    assert load_dataset(Path("digits")).facts.samples == 6


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, striate.data\n"
        "heavy = {'torch', 'PIL', 'sklearn', 'scipy', 'pooch', 'filelock', 'platformdirs'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
