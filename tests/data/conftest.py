"""Every test of `data` has a cache of its own, and makes its files on the fly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("STRIATE_CACHE", str(home))
    return home


@pytest.fixture
def real() -> Path:
    home = os.environ.get("STRIATE_DATA")
    if not home:
        pytest.skip("STRIATE_DATA names no folder of real data sets")
    return Path(home)
