"""The studio's own temporary folder: one for all threads, the user's alone, gone when the studio is."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Any

import pytest

from striate.studio import scratch
from striate.studio.scratch import Scratch


def test_all_threads_get_one_folder_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    barrier = Barrier(4)

    def make(**options: Any) -> Any:
        made.append(TemporaryDirectory(**options))
        return made[-1]

    def take(own: Scratch) -> Path:
        barrier.wait()
        return own.folder

    monkeypatch.setattr(scratch, "TemporaryDirectory", make)
    own = Scratch("striate-test-")
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(take, [own] * 4))
        assert len(set(found)) == len(made) == 1
        (found[0] / "file").write_bytes(b"kept")
    finally:
        own.close()
    assert not found[0].exists()


def test_nobody_else_can_read_it() -> None:
    own = Scratch("striate-test-")
    assert os.name != "posix" or own.folder.stat().st_mode & 0o077 == 0
    own.close()


def test_nothing_is_made_for_nothing_nor_after_the_end() -> None:
    own = Scratch("striate-test-")
    own.close()
    folder = own.folder
    own.close()
    assert not folder.exists()
    assert own.folder == folder
    assert not folder.exists()
