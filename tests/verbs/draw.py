"""Small data to train on, made on the fly: every sample differs from every other, and its brightness is its class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import striate
from striate.engine import Engine

TEXT = "conv3-8/2, bn, relu, gap, flatten, fc-classes"
COUNTS = {"coal": 12, "slate": 12, "snow & ice": 12}
FILES = {"net.txt", "settings.json", "history.jsonl", "weights.safetensors", "result.json", "report.html", "state"}


@dataclass(frozen=True)
class Finished:
    """A run and the folder of class folders that it was trained on."""

    run: striate.Run
    data: Path


def make_arrays(
    count: int, classes: int = 3, side: int = 10, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    labels = np.arange(count) % classes
    noise = np.random.default_rng(seed).integers(0, 200 // classes, (count, 1, side, side))
    return (noise + (200 // classes) * labels[:, None, None, None]).astype(np.uint8), labels


def make_folder(root: Path, counts: Mapping[str, int], *, seed: int = 0, side: int = 10) -> Path:
    """Draw `counts[class]` grey PNGs into each class folder; the last part of `train/coal` is its class."""
    names = sorted({Path(label).name for label in COUNTS} | {Path(label).name for label in counts})
    for place, (label, count) in enumerate(counts.items()):
        (root / label).mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng([seed, place])
        for number in range(count):
            pixels = generator.integers(0, 200 // len(names), (side, side))
            pixels += (200 // len(names)) * names.index(Path(label).name)
            Image.fromarray(pixels.astype(np.uint8)).save(root / label / f"{seed}-{number:03}.png")
    return root


def train_on_folder(root: Path) -> Finished:
    data = make_folder(root / "photos", COUNTS)
    return Finished(striate.train(TEXT, data, epochs=12, engine=Engine(), out=root / "run"), data)


def take_bytes(folder: Path) -> dict[str, bytes]:
    """Everything in a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """A PNG's grey pixels, [1, height, width]."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))[None]


def hash_pixels(pixels: NDArray[np.uint8]) -> str:
    """What trained.txt holds for one sample."""
    return blake2b(pixels.tobytes(), digest_size=8).digest()[::-1].hex()


def read_trained(run: striate.Run) -> list[str]:
    return (run.path / "state" / "trained.txt").read_text().split()


def without_clock(history: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in record.items() if name not in ("seconds", "images_per_second")}
        for record in history
    ]


def weights_of(path: Path) -> bytes:
    return (path / "weights.safetensors").read_bytes()


def cut_down(path: Path, *names: str) -> None:
    """Make a finished run one that was killed: take away what it writes last."""
    for name in names:
        for file in path.glob(name):
            file.unlink()
