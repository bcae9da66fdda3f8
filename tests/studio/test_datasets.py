from __future__ import annotations

from pathlib import Path

import pytest

from striate.data.names import NAMED
from striate.studio.datasets import MOST, NAMES, list_sources


def test_the_names_are_those_that_striate_knows() -> None:
    assert set(NAMES) == set(NAMED)


def test_only_what_is_here_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "here"
    folder.mkdir()
    assert [each.argument for each in list_sources(folder)] == ["digits"]
    (tmp_path / "data" / "cifar10").mkdir(parents=True)
    (tmp_path / "cache" / "named" / "mnist").mkdir(parents=True)
    assert [each.argument for each in list_sources(folder)] == ["digits", "mnist", "cifar10"]


def test_folders_and_files_below_are_offered_and_nothing_outside(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    for name in ("pets/cat/deep", "runs/old", ".hidden/x", "digits"):
        (folder / name).mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (folder / "link").symlink_to(tmp_path / "outside")
    for name in ("table.csv", "letter.txt", "pets/cat/a.npz"):
        (folder / name).write_text("")
    below = {each.name: each.argument for each in list_sources(folder) if each.path}
    assert list(below) == ["here/ (the whole folder)", "digits/", "pets/", "pets/cat/", "table.csv"]
    assert below["digits/"] == str(folder.resolve() / "digits")  # not the named set
    for number in range(MOST + 5):
        (folder / f"z{number}").mkdir()
    assert len([each for each in list_sources(folder) if each.path]) == MOST + 1
