from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage

from striate.train.augment import augment, draw
from striate.train.recipe import Augment, Recipe

RECIPE = Recipe(epochs=2, mean=(0.5,), std=(0.5,), seed=5)
SHAPES = [(9, 1, 12), (9, 3, 7, 5), (9, 2, 4, 5, 6), (9, 1, 1, 6)]


def make_batch(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))


def move_slowly(sample: NDArray[np.uint8], row: NDArray[np.float32], change: Augment) -> NDArray[np.uint8]:
    """One sample: pad with mirrored edges, crop, then mirror."""
    for axis in range(1, sample.ndim):
        extent = sample.shape[axis]
        most = min(change.shift, extent - 1) if axis > change.still else 0
        margins = [(most, most) if other == axis else (0, 0) for other in range(sample.ndim)]
        start = int(row[2 + axis] * np.float32(2 * most + 1))
        sample = np.take(np.pad(sample, margins, mode="reflect"), range(start, start + extent), axis)
    return np.flip(sample, -1) if change.flip and row[0] < 0.5 else sample


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("shift", "flip"), [(2, True), (3, False), (0, True), (100, True)])
def test_shift_and_flip_against_a_loop_over_samples(shape: tuple[int, ...], shift: int, flip: bool) -> None:
    batch, change = make_batch(*shape), Augment(shift=shift, flip=flip)
    draws = draw(RECIPE, 1, 9, axes=len(shape) - 2)
    result = augment(batch, draws, change)
    expected = [move_slowly(one, row, change) for one, row in zip(batch.numpy(), draws.numpy(), strict=True)]
    assert result.dtype == torch.uint8
    assert np.array_equal(result.numpy(), np.stack(expected))


@pytest.mark.parametrize("still", [1, 2, 9])
def test_axes_that_stay_still_are_not_shifted(still: int) -> None:
    batch, change = make_batch(9, 1, 6, 7, 8), Augment(shift=2, still=still)
    draws = draw(RECIPE, 1, 9, axes=3)
    expected = [move_slowly(one, row, change) for one, row in zip(batch.numpy(), draws.numpy(), strict=True)]
    assert np.array_equal(augment(batch, draws, change).numpy(), expected)


def test_every_shift_is_as_likely_as_any_other() -> None:
    batch = torch.arange(20, dtype=torch.uint8).expand(3000, 1, 20)
    moved = augment(batch, draw(RECIPE, 0, 3000, axes=1), Augment(shift=2))
    counts = np.bincount(moved[:, 0, 10].numpy(), minlength=20)
    assert counts[8:13].sum() == 3000
    assert counts[8:13].min() > 500  # 600 expected each; the deviation is 22


def cover_slowly(sample: NDArray[np.uint8], row: NDArray[np.float32], side: int, fill: list[int]) -> NDArray[np.uint8]:
    result, axes = sample.copy(), sample.ndim - 1
    middles = [int(row[3 + axes + axis] * np.float32(sample.shape[1 + axis])) for axis in range(axes)]
    for cell in itertools.product(*map(range, sample.shape[1:])):
        if all(
            middle - side // 2 <= place < middle - side // 2 + side for middle, place in zip(middles, cell, strict=True)
        ):
            for channel, value in enumerate(fill):
                result[(channel, *cell)] = value
    return result


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("side", [1, 4, 5])
def test_cutout_against_a_loop_over_cells(shape: tuple[int, ...], side: int) -> None:
    batch, draws = make_batch(*shape), draw(RECIPE, 0, 9, axes=len(shape) - 2)
    colours = [0.2, 0.4, 0.6][: shape[1]]
    result = augment(batch, draws, Augment(cutout=side), fill=colours)
    fill = [51, 102, 153][: shape[1]]
    expected = [cover_slowly(one, row, side, fill) for one, row in zip(batch.numpy(), draws.numpy(), strict=True)]
    assert np.array_equal(result.numpy(), np.stack(expected))


def turn_slowly(image: NDArray[np.uint8], row: NDArray[np.float32], change: Augment) -> NDArray[np.float64]:
    """One channel of one image by scipy: each output cell looked up about the middle of the image."""
    angle = np.radians((2 * row[1] - 1) * change.rotate)
    size = 1 + (2 * row[2] - 1) * change.scale
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / size
    middle = (np.array(image.shape) - 1) / 2
    result: NDArray[np.float64] = ndimage.affine_transform(
        image.astype(float), matrix, middle - matrix @ middle, order=1, mode="reflect"
    )
    return result


@pytest.mark.parametrize(("rotate", "scale"), [(30.0, 0.0), (0.0, 0.3), (180.0, 0.2)])
def test_turn_and_scale_against_scipy(rotate: float, scale: float) -> None:
    batch, draws, change = make_batch(6, 2, 9, 14), draw(RECIPE, 0, 6), Augment(rotate=rotate, scale=scale)
    result = augment(batch, draws, change).numpy().astype(float)
    for one, row, turned in zip(batch.numpy(), draws.numpy(), result, strict=True):
        expected = np.stack([turn_slowly(channel, row, change) for channel in one])
        assert np.abs(turned - expected).max() <= 0.51


def test_a_quarter_turn_loses_nothing() -> None:
    batch = make_batch(1, 1, 6, 6)
    draws = torch.tensor([[0.5, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5]])
    turned = augment(batch, draws, Augment(rotate=90))
    assert np.array_equal(turned[0, 0].numpy(), np.rot90(batch[0, 0].numpy()))


@pytest.mark.parametrize("shape", [(4, 1, 9), (4, 1, 3, 4, 5)])
def test_inputs_of_other_dimensions_are_not_turned(shape: tuple[int, ...]) -> None:
    batch = make_batch(*shape)
    draws = draw(RECIPE, 0, 4, axes=len(shape) - 2)
    assert augment(batch, draws, Augment(rotate=30, scale=0.2)) is batch


def test_a_samples_fate_does_not_depend_on_its_batch() -> None:
    batch, draws = make_batch(9, 3, 8, 8), draw(RECIPE, 2, 9)
    change = Augment(shift=2, flip=True, rotate=10, scale=0.1, cutout=3)
    whole = augment(batch, draws, change)
    chosen = torch.tensor([7, 2, 5])
    assert torch.equal(whole[chosen], augment(batch[chosen], draws[chosen], change))


def test_draws_are_a_function_of_seed_epoch_and_sample() -> None:
    before = torch.get_rng_state()
    one, again = draw(RECIPE, 3, 40), draw(RECIPE, 3, 1000)
    assert torch.equal(one, again[:40])
    assert not torch.equal(one, draw(RECIPE, 4, 40))
    assert torch.equal(before, torch.get_rng_state())


def test_floats_stay_floats_and_the_input_stays_as_it_is() -> None:
    batch = make_batch(4, 1, 6, 6).float() / 255
    before = batch.clone()
    result = augment(batch, draw(RECIPE, 0, 4), Augment(shift=1, rotate=20, cutout=2), fill=(0.5,))
    assert result.dtype == torch.float32
    assert (result == 0.5).any()
    assert torch.equal(batch, before)


def test_an_alternating_mirror_comes_every_other_epoch() -> None:
    recipe = Recipe(epochs=2, mean=(0.5,), std=(0.5,), seed=5, augment=Augment(flip=True, alternate=True))
    mirrored = torch.stack([draw(recipe, epoch, 1000)[:, 0] < 0.5 for epoch in range(4)])
    assert torch.equal(mirrored[0], ~mirrored[1])
    assert torch.equal(mirrored[0], mirrored[2])
    assert torch.equal(mirrored[1], mirrored[3])
    assert 400 < int(mirrored[0].sum()) < 600
    others = [draw(recipe, epoch, 1000)[:, 1:] for epoch in (1, 3)]
    assert not torch.equal(*others)
    assert torch.equal(others[0], draw(RECIPE, 1, 1000)[:, 1:])
