"""The real sets at full size, where STRIATE_DATA names their folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.files import load_files
from striate.data.load import load_dataset
from striate.data.part import Bytes

MNIST_TEST = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize(("name", "mean", "std"), [("mnist", 0.1307, 0.3081), ("fashion-mnist", 0.2860, 0.3530)])
def test_idx_sets(real: Path, name: str, mean: float, std: float) -> None:
    data = load_dataset(name)
    assert data.official
    assert data.val is not None
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (55_000, 5_000, 10_000)
    assert data.facts.mean == pytest.approx([mean], abs=1e-3)
    assert data.facts.std == pytest.approx([std], abs=1e-3)
    counts = np.bincount(data.test.labels).tolist()
    assert counts == (MNIST_TEST if name == "mnist" else [1000] * 10)


def test_cifar_in_zip_parts(real: Path) -> None:
    data = load_dataset("cifar10")
    assert any("JPEG copies" in note for note in data.facts.notes)
    assert data.official
    assert data.val is not None
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (45_000, 5_000, 10_000)
    assert data.test.inputs.shape == (10_000, 3, 32, 32)
    assert np.bincount(data.test.labels).tolist() == [1000] * 10
    assert np.bincount(data.train.labels).tolist() == [4500] * 10
    assert data.set_aside == ()
    assert data.facts.mean == pytest.approx([0.4912, 0.4821, 0.4465], abs=2e-3)
    _compare_with_originals(real, dict(zip(data.train.names, data.train.inputs, strict=True)), data.classes)


def _compare_with_originals(real: Path, copies: dict[str, Bytes], classes: tuple[str, ...]) -> None:
    """The lossless originals are told apart by class and order; a JPEG copy is near its own and no other's."""
    labels = np.loadtxt(real / "cifar10/original-train-first4000-labels.txt", dtype=int)[:1000]
    rows = np.asarray(Image.open(real / "cifar10/original-train-first4000-0.png")).reshape(1000, 32, 32, 3)
    seen = dict.fromkeys(classes, 0)
    nearness = []
    for row, label in zip(rows, labels, strict=True):
        name = classes[label]
        copy = copies.get(f"train/{name}/{seen[name]:04}.jpg")
        seen[name] += 1
        if copy is not None:
            error = np.square(np.moveaxis(copy, 0, 2).astype(float) - row).mean()
            nearness.append(10 * np.log10(255**2 / error))
    assert len(nearness) > 800
    assert min(nearness) > 20
    assert 29 < np.median(nearness) < 32


def test_photos_of_every_kind(real: Path) -> None:
    paths = sorted((real / "photos").iterdir())
    inputs, names, aside = load_files(paths, extents=(64, 64), channels=3)
    assert len(names) == len(paths) == 13
    assert aside == ()
    for path, sample in zip(paths, inputs, strict=True):
        slow: Image.Image = Image.open(path)
        if path.name == "horse.png":
            slow = Image.alpha_composite(Image.new("RGBA", slow.size, "white"), slow.convert("RGBA"))
        side = min(slow.size)
        left, top = (slow.width - side) / 2, (slow.height - side) / 2
        small = slow.convert("RGB").resize((64, 64), Image.Resampling.BICUBIC, (left, top, left + side, top + side))
        assert abs(np.asarray(small).astype(int) - np.moveaxis(sample, 0, 2)).mean() < 2, path.name
