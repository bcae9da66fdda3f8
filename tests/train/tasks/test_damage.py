"""Each damage against loops over cells; in any dimension; alike in any batch; texts that can't be met."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from striate.errors import InputError
from striate.train.tasks.damage import Around, damage, read_damages
from striate.train.tasks.draws import make_keys

SHAPES = [(3, 2, 11), (3, 1, 9, 12), (2, 2, 5, 4, 6)]
ALL = "noise=0.3,blur=0.8,mask=0.2,downsample=3"


def make(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def spoil(clean: Tensor, text: str, rows: Tensor | None = None) -> Tensor:
    rows = torch.arange(len(clean)) if rows is None else rows
    around = Around(make_keys(5, rows), torch.full((clean.shape[1],), 0.5))
    return damage(clean, read_damages(text, sound=True), around)


def blur_slowly(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Each cell as the weighed sum over all cells of a box, positions outside taken at the edge."""
    reach = math.ceil(4 * sigma)
    weights = {at: math.exp(-0.5 * (at / sigma) ** 2) for at in range(-reach, reach + 1)}
    total = sum(weights.values())
    found = np.zeros_like(values)
    for cell in np.ndindex(*values.shape):
        for shift in itertools.product(weights, repeat=values.ndim):
            at = tuple(min(max(c + s, 0), n - 1) for c, s, n in zip(cell, shift, values.shape, strict=True))
            found[cell] += values[at] * math.prod(weights[s] / total for s in shift)
    return found


@pytest.mark.parametrize(("shape", "sigma"), [((1, 1, 11), 1.3), ((1, 1, 6, 7), 0.5), ((1, 1, 3, 2, 4), 0.4)])
def test_blur(shape: tuple[int, ...], sigma: float) -> None:
    clean = make(shape)
    expected = blur_slowly(clean[0, 0].double().numpy(), sigma)
    assert np.allclose(spoil(clean, f"blur={sigma}")[0, 0].numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("factor", [2, 3, 64])
def test_downsample(shape: tuple[int, ...], factor: int) -> None:
    clean = make(shape)
    found, extents = spoil(clean, f"downsample={factor}").numpy(), shape[2:]
    for cell in np.ndindex(*extents):
        block = tuple(slice(at // factor * factor, at // factor * factor + factor) for at in cell)
        mean = clean[(slice(None), slice(None), *block)].flatten(2).double().mean(2)
        assert np.allclose(found[(slice(None), slice(None), *cell)], mean, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.05, 0.25, 1.0])
def test_mask_is_one_box_of_the_mean(shape: tuple[int, ...], share: float) -> None:
    clean = make(shape) + 2
    found, extents = spoil(clean, f"mask={share}"), shape[2:]
    sides = [max(1, round(extent * share ** (1 / len(extents)))) for extent in extents]
    for before, after in zip(clean, found, strict=True):
        changed = (before != after).all(0)
        assert int(changed.sum()) == math.prod(sides)
        places = changed.nonzero()
        assert (places.amax(0) - places.amin(0) + 1).tolist() == sides
        assert bool((after[:, changed] == 0.5).all())
        assert torch.equal(before[:, ~changed], after[:, ~changed])


@pytest.mark.parametrize("decibels", [-5.0, 0.0, 20.0])
def test_snr_is_exact_for_each_recording(decibels: float) -> None:
    clean = make((4, 1, 300)) * torch.tensor([0.01, 0.1, 1, 5]).view(4, 1, 1)
    noise = (spoil(clean, f"snr={decibels}") - clean).double()
    ratio = 10 * torch.log10(clean.double().square().sum((1, 2)) / noise.square().sum((1, 2)))
    assert ratio.tolist() == pytest.approx([decibels] * 4, abs=1e-3)


def test_snr_leaves_silence_silent() -> None:
    assert not spoil(torch.zeros(2, 1, 50), "snr=0").any()


def test_noise_has_its_deviation_and_clip_cuts() -> None:
    noise = spoil(torch.zeros(20, 1, 1000), "noise=0.3")
    assert float(noise.std()) == pytest.approx(0.3, rel=0.02)
    cut = spoil(torch.zeros(20, 1, 1000), "noise=0.3,clip")
    assert torch.equal(cut, noise.clamp(0, 1))


@pytest.mark.parametrize("shape", SHAPES)
def test_alike_in_any_batch(shape: tuple[int, ...]) -> None:
    clean = make(shape)
    whole = spoil(clean, ALL)
    for row in range(len(clean)):
        alone = spoil(clean[row : row + 1], ALL, torch.tensor([row]))
        assert torch.allclose(alone[0], whole[row], atol=1e-6)


def test_order_counts() -> None:
    clean = make((1, 1, 30))
    assert not torch.allclose(spoil(clean, "noise=0.3,blur=2"), spoil(clean, "blur=2,noise=0.3"))


BROKEN = (
    "|fog=1|noise|noise=|noise=x|noise=nan|noise=inf|noise=-1|mask=0|mask=2|downsample=1.5|downsample=1|blur=0|clip=1"
    "|noise=0.1,,blur=1|snr=1000"
)


@pytest.mark.parametrize("text", BROKEN.split("|"))
def test_what_cannot_be_met_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--corrupt") as caught:
        read_damages(text, sound=True)
    assert "\n" not in str(caught.value)


def test_snr_is_for_sound() -> None:
    with pytest.raises(InputError, match="sound"):
        read_damages("snr=0")
