from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from scipy import ndimage
from tests.verbs.draw import Finished, train_on_folder
from torch import nn

import striate
from striate.errors import DataError, InputError
from striate.explain.convolving.filters import Filtered
from striate.explain.convolving.sums import Summed

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 31, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return train_on_folder(tmp_path_factory.mktemp("filtering"))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(PIXELS).save(tmp_path / "p.png")
    return tmp_path / "p.png"


def run_filter(*arguments: Any, **options: Any) -> Filtered:
    found = striate.filter(*arguments, **options)
    assert isinstance(found, Filtered)
    return found


def test_every_channel_is_filtered_alike(picture: Path) -> None:
    found = run_filter(picture, "sobel-y")
    for channel in range(3):
        expected = ndimage.sobel(PIXELS[..., channel] / 255, axis=0, mode="constant")
        assert np.allclose(found.applied[0].after[channel].numpy(), expected, atol=1e-5)
    assert np.allclose(found.before.numpy(), np.moveaxis(PIXELS, -1, 0) / 255)


@pytest.mark.parametrize(
    ("kernel", "count"),
    [
        ("blur", 1),
        (["blur", "[[1]]"], 2),
        ([[0, 1], [1, 0]], 1),
        (np.eye(3), 1),
        ([np.eye(3), torch.ones(2, 2)], 2),
        ("[[1, 2], [3, 4]] / 10", 1),
    ],
)
def test_kernels_are_given_in_any_way(picture: Path, kernel: Any, count: int) -> None:
    assert len(run_filter(picture, kernel).applied) == count


def test_a_sound_has_its_rate(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "s.wav", np.linspace(-0.5, 0.5, 100), 8000, subtype="FLOAT")
    found = run_filter(tmp_path / "s.wav", "edge")
    assert found.rate == 8000
    assert np.allclose(found.applied[0].after[0, 1:].numpy(), 1 / 99, atol=1e-5)
    with pytest.raises(InputError, match="one axis"):
        striate.filter(tmp_path / "s.wav", "sobel-y")


def test_arrays_of_any_axes() -> None:
    volume = np.random.default_rng(1).normal(size=(2, 4, 5, 6)).astype(np.float32)
    found = run_filter(volume, "laplacian")
    assert np.allclose(found.applied[0].after[1].numpy(), ndimage.laplace(volume[1], mode="constant"), atol=1e-4)
    assert run_filter(torch.full((1, 4), 255, dtype=torch.uint8), [1]).applied[0].after.tolist() == [[1.0] * 4]


def test_a_runs_layer_makes_what_the_module_makes(finished: Finished, picture: Path) -> None:
    run = finished.run
    recipe = run.recipe
    grey = np.asarray(Image.fromarray(PIXELS).convert("L"), np.float32)[None, None] / 255
    inputs = (torch.tensor(grey) - recipe.mean[0]) / recipe.std[0]
    with torch.no_grad():
        expected = run.module.conv1(inputs)[0]  # type: ignore[operator]
    for given in (
        striate.filter(picture, run=run, layer="conv1", unit=3),
        striate.filter(picture, run=run.path, unit=3),
        striate.filter(picture, f"{run.path}:conv1:3"),
    ):
        assert isinstance(given, Summed)
        (unit,) = given.units
        assert torch.allclose(unit.output, expected[3], atol=1e-5)
        assert torch.allclose(unit.parts.sum(0) + unit.bias, expected[3], atol=1e-5)
    every = striate.filter(picture, f"{run.path}:conv1")
    assert isinstance(every, Summed)
    for unit in every.units:
        assert torch.allclose(unit.output, expected[unit.unit], atol=1e-5)


def test_a_module_takes_values_as_they_are(picture: Path) -> None:
    module = nn.Sequential(nn.Conv2d(3, 2, 3))
    found = striate.filter(picture, run=module)
    assert isinstance(found, Summed)
    expected = module(torch.tensor(PIXELS / 255).float().permute(2, 0, 1)[None])[0].detach()
    assert torch.allclose(found.units[1].output, expected[1], atol=1e-5)


def test_a_large_picture_is_brought_down_and_says_so(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(striate.filter.__globals__, "MOST_PIXELS", 200)
    found = run_filter(picture)
    assert found.before.shape[1] * found.before.shape[2] <= 200
    assert "20 × 31" in found.notes[0] or "20x31" in found.notes[0]


@pytest.mark.parametrize(
    ("source", "options", "error", "said"),
    [
        (np.zeros(3), {}, DataError, "needed channels x extents"),
        (np.zeros((1, 3), np.int64), {}, DataError, "int64"),
        (np.full((1, 3), np.nan), {}, DataError, "NaN"),
        (np.zeros((1, 9)), {"kernel": [[1]]}, InputError, "needed 1"),
        (np.zeros((1, 9)), {"kernel": object()}, InputError, "found a object"),
        (np.zeros((1, 9)), {"kernel": [1], "size": 3}, InputError, "Leave it out"),
        (np.zeros((1, 9)), {"layer": "conv1"}, InputError, "without a run"),
        (np.zeros((1, 9)), {"kernel": ["blur", "r:c:1"]}, InputError, "alone"),
        (np.zeros((1, 9)), {"run": nn.ReLU()}, InputError, "no convolution"),
        (np.zeros((1, 9)), {"pad": "same"}, InputError, "found `same`"),
        ("absent.png", {}, DataError, "needed a picture"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    source: Any, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        striate.filter(source, **options)


def test_a_runs_input_must_fit(finished: Finished) -> None:
    with pytest.raises(InputError, match="the run takes"):
        striate.filter(np.zeros((3, 9, 9)), run=finished.run)
