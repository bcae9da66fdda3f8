from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from striate.engine import Engine
from striate.errors import InputError
from striate.train import Augment, Recipe
from striate.train.augment import augment, draw
from striate.train.batches import count_steps, hold, iterate_batches, normalise, read_inputs, read_samples
from striate.train.mixing import draw_mix
from striate.train.randomness import epoch_order

RECIPE = Recipe(epochs=2, batch=4, mean=(0.5, 0.25), std=(0.5, 0.2))
INPUTS = np.random.default_rng(0).integers(0, 256, (10, 2, 5, 5), dtype=np.uint8)
LABELS = np.arange(10) % 3


@pytest.mark.parametrize(("count", "batch", "steps"), [(10, 4, 2), (8, 4, 2), (3, 4, 1), (4, 4, 1), (9, 8, 1)])
def test_an_incomplete_last_batch_is_dropped_unless_it_is_the_only_one(count: int, batch: int, steps: int) -> None:
    samples = read_samples(INPUTS[:count], LABELS[:count], replace(RECIPE, batch=batch))
    sizes = [len(labels) for _, labels in iterate_batches(samples, replace(RECIPE, batch=batch), Engine(), 0)]
    assert len(sizes) == steps == count_steps(count, batch)
    assert set(sizes) == {min(count, batch)}


def test_batches_against_a_loop_over_samples() -> None:
    samples = read_samples(INPUTS, LABELS, RECIPE)
    recipe = replace(RECIPE, augment=Augment(shift=1, flip=True))
    order, draws = epoch_order(0, 1, 10).tolist(), draw(recipe, 1, 10)
    found = list(iterate_batches(samples, recipe, Engine(), epoch=1))
    for place, sample in enumerate(order[:8]):
        batch, labels = found[place // 4]
        one = augment(samples.inputs[sample][None], draws[sample][None], recipe.augment)[0].double() / 255
        expected = torch.stack([(one[0] - 0.5) / 0.5, (one[1] - 0.25) / 0.2])
        assert torch.allclose(batch[place % 4].double(), expected, atol=1e-6)
        assert labels[place % 4] == LABELS[sample]


def test_an_epoch_may_start_anywhere() -> None:
    samples, engine = read_samples(INPUTS, LABELS, RECIPE), Engine(memory_format="channels_last")
    whole = list(iterate_batches(samples, RECIPE, engine, 1))
    (later,) = iterate_batches(samples, RECIPE, engine, 1, start=1)
    assert torch.equal(whole[1][0], later[0])
    assert later[0].is_contiguous(memory_format=torch.channels_last)


def test_bytes_and_floats_are_on_one_scale() -> None:
    batch = torch.from_numpy(INPUTS)
    assert torch.allclose(normalise(batch, RECIPE), normalise(batch.float() / 255, RECIPE), atol=1e-5)


def test_a_mapped_file_is_read_in_place(tmp_path: Path) -> None:
    np.save(tmp_path / "inputs.npy", INPUTS)
    mapped = np.load(tmp_path / "inputs.npy", mmap_mode="r", allow_pickle=False)
    tensor = read_inputs(mapped, RECIPE)
    assert np.shares_memory(tensor.numpy(), mapped)
    assert np.array_equal(tensor.numpy(), INPUTS)


def test_on_a_cpu_the_samples_stay_where_they_are() -> None:
    samples = read_samples(INPUTS, LABELS, RECIPE)
    assert hold(samples, Engine()) is samples


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (INPUTS.astype(np.int64), LABELS, "torch.int64, but uint8"),
        (INPUTS[:, 0, 0], LABELS, r"\[10, 5\], but samples x channels x extents"),
        (INPUTS[:, :1], LABELS, "1 channels, but the recipe's mean has 2 values"),
        (INPUTS[:9], LABELS, "9 inputs, but 10 labels"),
        (INPUTS, LABELS - 1, "label -1"),
        (INPUTS, LABELS * 1.0, "float64; one class number per input"),
        (INPUTS, LABELS[:, None], r"\[10, 1\] of"),
        (INPUTS[:0], LABELS[:0], "no samples"),
    ],
)
def test_wrong_arrays_are_named(inputs: Any, labels: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_samples(inputs, labels, RECIPE)


MIXED = replace(RECIPE, augment=Augment(shift=1, brightness=0.2, noise=0.1, mixup=1.0))


def test_a_mixed_sample_does_not_depend_on_its_batch() -> None:
    samples = read_samples(INPUTS, LABELS, RECIPE)
    whole = list(iterate_batches(samples, replace(MIXED, batch=8), Engine(), epoch=1))
    halves = list(iterate_batches(samples, MIXED, Engine(), epoch=1))
    for kind in (0, 1):
        assert torch.allclose(torch.cat([half[kind] for half in halves]), whole[0][kind], atol=1e-6)


def test_a_mixed_batch_against_its_two_parts() -> None:
    samples = read_samples(INPUTS, LABELS, RECIPE)
    plain = replace(MIXED, batch=10, augment=replace(MIXED.augment, mixup=0.0))
    ((batch, labels),) = iterate_batches(samples, plain, Engine(), epoch=1)
    ((mixed, rows),) = iterate_batches(samples, replace(MIXED, batch=10), Engine(), epoch=1)
    partners, shares = (found := draw_mix(MIXED, 1, 10, 2)).partners, found.draws[:, 0]
    for place in range(10):
        share, other = float(shares[place]), int(partners[place])
        assert torch.allclose(mixed[place], share * batch[place] + (1 - share) * batch[other], atol=1e-5)
        expected = np.zeros(3)
        expected[labels[place]] += share
        expected[labels[other]] += 1 - share
        assert np.allclose(rows[place], expected, atol=1e-6)


def test_int16_is_divided_by_its_full_scale() -> None:
    values = np.array([[[-32768, -1, 0, 7, 32767]]], np.int16)
    recipe = Recipe(epochs=1, mean=(0.25,), std=(0.5,))
    expected = (torch.from_numpy(values).double() / 32768 - 0.25) / 0.5
    assert torch.allclose(normalise(read_inputs(values, recipe), recipe).double(), expected, atol=1e-6)


def test_tokens_come_out_as_the_whole_numbers_that_they_are() -> None:
    tokens = torch.arange(32768).to(torch.int16).reshape(1, 1, -1)
    recipe = Recipe(epochs=1, mean=(0.0,), std=(1 / 32768,))
    assert torch.equal(normalise(tokens, recipe), torch.arange(32768.0).reshape(1, 1, -1))
