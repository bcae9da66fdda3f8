"""A barely trained run of every task, so that it is often wrong, and its held-out part with the answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

import striate
from striate.verbs.heldout import HeldOut, answer_held_out

Hold = Callable[[str], HeldOut]
NET = "conv3-4/2, relu, gap, flatten, fc-classes"
FLAT = "conv3-4, relu, conv1-classes"


def train(task: str, data: Any, folder: Path, net: str, **options: Any) -> HeldOut:
    run = striate.train(net, data, task=task, out=folder / task, steps=3, probe=False, **options)
    return answer_held_out(run, None if isinstance(data, str | Path) else data)


def write_scenes(folder: Path, count: int = 24) -> Path:
    rng = np.random.default_rng(0)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(count):
        mask = np.zeros((12, 16), np.uint8)
        top, left = rng.integers(1, 6), rng.integers(1, 8)
        mask[top : top + 4, left : left + 5] = 1
        picture = (mask[..., None] * 80 + rng.integers(0, 160, (12, 16, 3))).astype(np.uint8)
        Image.fromarray(picture).save(folder / "images" / f"{number:02}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{number:02}.png")
    return folder


def write_sounds(folder: Path, count: int = 24) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(count):
        values = 0.5 * np.sin(np.arange(300 + 4 * number) * rng.uniform(0.05, 0.3))
        soundfile.write(folder / f"{number:02}.wav", values, 8000)
    return folder


def draw_marks(count: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """Noise in which the upper half, the lower half, both or neither are bright; and which."""
    rng = np.random.default_rng(0)
    has = rng.random((count, 2)) < 0.5
    pixels = rng.integers(0, 120, (count, 1, 8, 8))
    pixels[:, :, :4] += 90 * has[:, None, None, None, 0]
    pixels[:, :, 4:] += 90 * has[:, None, None, None, 1]
    return pixels.astype(np.uint8), has


@pytest.fixture(scope="session")
def hold(tmp_path_factory: pytest.TempPathFactory) -> Hold:
    """Give the held-out part of a task's run; each is trained once."""
    home = tmp_path_factory.mktemp("held")

    @cache
    def make(task: str) -> HeldOut:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STRIATE_CACHE", str(home / "cache"))
            if task == "classify":
                return train(task, "digits", home, NET)
            if task == "labels":
                return train(task, draw_marks(), home, NET)
            if task == "regress":
                pixels, has = draw_marks()
                return train(
                    task,
                    (pixels, has @ np.array([[1.0, 5.0], [2.0, -3.0]]) + pixels.mean((1, 2, 3))[:, None]),
                    home,
                    NET,
                )
            if task == "segment":
                return train(task, write_scenes(home / "scenes"), home, FLAT)
            if task == "restore":
                return train(task, "digits", home, FLAT, corrupt="noise=0.3")
            return train(task, write_sounds(home / "sounds"), home, "conv2-8 pad=1:0, relu, conv1-classes")

    return make
