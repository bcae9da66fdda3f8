"""A finished run to look at, a copy of it to spoil, and a folder of its own for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.verbs.draw import Finished, train_on_folder

import striate


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs without an `out` land below the test's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    root = tmp_path_factory.mktemp("verbs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRIATE_CACHE", str(root / "cache"))
        return train_on_folder(root)


@pytest.fixture
def copied(finished: Finished, tmp_path: Path) -> Finished:
    """The finished run in a folder that may be spoilt; its data are the same."""
    path = shutil.copytree(finished.run.path, tmp_path / "copied")
    return Finished(striate.load(path), finished.data)
