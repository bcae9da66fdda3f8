"""How many threads decode the files must not matter, neither to a run nor to one that was killed and resumed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import striate
from striate.data import cache, decode, workers
from striate.engine import Engine
from striate.train import Progress

TEXT = "conv3-4/2, bn, relu, gap, flatten, fc-classes"


class KilledError(Exception):
    """A run that ends without warning."""


def draw_folder(root: Path) -> Path:
    """Images too large to be decoded at once, the later ones the smaller, so that threads overtake each other."""
    generator = np.random.default_rng(0)
    for label in ("a", "b"):
        (root / label).mkdir(parents=True)
        for number in range(10):
            side = 100 - 4 * number
            pixels = generator.integers(0, 256, (side, side, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / label / f"{number}.png")
            assert (root / label / f"{number}.png").stat().st_size > decode._AT_ONCE_BYTES
    return root


def forget(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    """Decode anew, on so many threads."""
    home = cache.cache_home()
    assert home is not None
    shutil.rmtree(home / "decoded", ignore_errors=True)
    monkeypatch.setattr(workers, "THREADS", threads)


def test_a_killed_run_resumed_with_other_threads_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = draw_folder(tmp_path / "photos")

    def kill(progress: Progress) -> None:
        if progress.ends_epoch and progress.epoch == 2:
            raise KilledError

    forget(monkeypatch, 1)
    whole = striate.train(TEXT, data, epochs=4, batch=4, engine=Engine(), out="whole")
    forget(monkeypatch, 2)
    with pytest.raises(KilledError):
        striate.train(TEXT, data, epochs=4, batch=4, engine=Engine(), out="killed", on_progress=kill)
    forget(monkeypatch, 7)
    resumed = striate.resume("killed")
    first, second = (run.module.state_dict() for run in (whole, resumed))
    assert all(bool((value == second[name]).all()) for name, value in first.items())
    assert whole.settings["data"]["fingerprint"] == resumed.settings["data"]["fingerprint"]
