from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from striate.engine import Engine
from striate.errors import InputError, ShapeError
from striate.train import Recipe, compute_logits

RECIPE = Recipe(epochs=1, mean=(0.3,), std=(0.4,))
Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]
MakeNet = Callable[[], nn.Sequential]


def answer_slowly(module: nn.Module, inputs: NDArray[np.uint8], mirror: bool) -> NDArray[np.float64]:
    rows = []
    with torch.no_grad():
        for image in inputs:
            values = torch.from_numpy((image.astype(np.float64) / 255 - 0.3) / 0.4).float()[None]
            answers = [module(values), module(values.flip(3))] if mirror else [module(values)]
            rows.append(torch.cat(answers).double().mean(0).numpy())
    return np.stack(rows)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("batch", [7, 512])
def test_against_one_input_at_a_time(digits: Arrays, make_net: MakeNet, mirror: bool, batch: int) -> None:
    module = make_net().eval()
    logits = compute_logits(module, digits[0][:30], replace(RECIPE, mirror=mirror), Engine(), batch)
    assert logits.dtype == np.float32
    assert np.allclose(logits, answer_slowly(module, digits[0][:30], mirror), atol=1e-4)


def test_the_modes_of_all_parts_stay(digits: Arrays, make_net: MakeNet) -> None:
    module = make_net().train()
    module[1].eval()
    modes = [part.training for part in module.modules()]
    state = {name: value.clone() for name, value in module.state_dict().items()}
    compute_logits(module, digits[0][:4], RECIPE, Engine())
    assert modes == [part.training for part in module.modules()]
    assert all(torch.equal(state[name], value) for name, value in module.state_dict().items())


def test_the_modes_come_back_after_an_error(digits: Arrays) -> None:
    module = nn.Conv2d(1, 2, 3, padding=1).train()
    with pytest.raises(ShapeError, match=r"yields 2x8x8 for each input; .* add gap, flatten, fc-classes"):
        compute_logits(module, digits[0][:4], RECIPE, Engine())
    assert module.training


def test_large_inputs_go_in_smaller_batches(digits: Arrays, make_net: MakeNet, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    module = make_net()
    module.register_forward_hook(lambda part, inputs, output: sizes.append(len(inputs[0])))
    monkeypatch.setattr(sys.modules[compute_logits.__module__], "_BATCH_ELEMENTS", 64 * 5)
    compute_logits(module, digits[0][:12], RECIPE, Engine())
    assert sizes == [5, 5, 2]


def test_bf16_is_near_fp32(digits: Arrays, make_net: MakeNet) -> None:
    module = make_net()
    exact = compute_logits(module, digits[0][:20], RECIPE, Engine())
    near = compute_logits(module, digits[0][:20], RECIPE, Engine(precision="bf16", memory_format="channels_last"))
    assert 0 < np.abs(exact - near).max() < 0.1


def test_no_inputs_is_an_error(digits: Arrays, make_net: MakeNet) -> None:
    with pytest.raises(InputError, match="there are none"):
        compute_logits(make_net(), digits[0][:0], RECIPE, Engine())


def test_progress_is_heard_batch_by_batch() -> None:
    heard: list[tuple[int, int]] = []
    recipe = Recipe(epochs=1, mean=(0.0,), std=(1.0,))
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    inputs = np.zeros((10, 1, 4), dtype=np.uint8)
    compute_logits(
        module, inputs, recipe, Engine(), batch=4, on_progress=lambda done, total: heard.append((done, total))
    )
    assert heard == [(4, 10), (8, 10), (10, 10)]
