from __future__ import annotations

from itertools import product
from math import cos, pi, prod, sin, sqrt

import pytest
import torch

from striate.errors import InputError
from striate.explain.ascent.painting import Bounds, Canvas, decorrelate_colours, scale_frequencies

UNBOUNDED = Bounds((-1.0,), (1.0,))


def make_canvas(shape: tuple[int, ...], kind: str = "fourier", limit: str = "range") -> Canvas:
    bounds = Bounds((-1.0,) * shape[0], (2.0,) * shape[0], limit)
    return Canvas(shape, bounds, kind, torch.float64)


@pytest.mark.parametrize("extents", [(6,), (7,), (4, 5), (3, 2, 4)])
def test_a_spectrum_is_painted_as_the_sum_of_its_waves(extents: tuple[int, ...]) -> None:
    canvas = make_canvas((1, *extents), limit="norm")
    written = canvas.begin([3])
    half = written[0, 0] * scale_frequencies(extents)[..., None]
    found = torch.zeros(extents, dtype=torch.float64)
    for cell in product(*map(range, extents)):
        total = 0.0
        for wave in product(*map(range, half.shape[:-1])):
            angle = 2 * pi * sum(k * n / extent for k, n, extent in zip(wave, cell, extents, strict=True))
            last = wave[-1]
            twice = 1 if last == 0 or 2 * last == extents[-1] else 2  # the other half mirrors this one
            real, imaginary = half[wave].tolist()
            total += twice * (real * cos(angle) - imaginary * sin(angle))
        found[cell] = total / sqrt(prod(extents))
    scaled = found * sqrt(found.numel()) / found.norm()
    torch.testing.assert_close(canvas.paint(written)[0, 0], scaled, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("extents", [(64,), (12, 12), (6, 8, 6)])
def test_numbers_of_deviation_one_make_an_input_of_about_deviation_one(extents: tuple[int, ...]) -> None:
    canvas = Canvas((1, *extents), Bounds((-1e6,), (1e6,)), "fourier", torch.float64)
    painted = canvas.paint(canvas.begin(range(200)) / 0.05)
    free = torch.logit((painted + 1e6) / 2e6)
    assert 0.8 < free.square().mean().sqrt() < 1.25


def test_low_frequencies_weigh_more_by_their_ratio() -> None:
    scale = scale_frequencies((16, 16))
    assert scale[0, 1] / scale[0, 4] == pytest.approx(4)
    assert scale[3, 4] / scale[0, 5] == pytest.approx(1)
    assert scale[0, 0] == scale[0, 1] == scale.max()


@pytest.mark.parametrize("kind", ["fourier", "cells"])
@pytest.mark.parametrize("shape", [(1, 9), (3, 6, 5), (7, 3, 4, 5)])
def test_no_value_leaves_its_channels_range(kind: str, shape: tuple[int, ...]) -> None:
    low, high = tuple(-1.0 - n for n in range(shape[0])), tuple(2.0 + n for n in range(shape[0]))
    canvas = Canvas(shape, Bounds(low, high), kind, torch.float64)
    painted = canvas.paint(canvas.begin([0, 1]) * 1000).transpose(0, 1).flatten(1)
    assert (painted.min(1).values >= torch.tensor(low)).all()
    assert (painted.max(1).values <= torch.tensor(high)).all()
    assert (painted.max(1).values - painted.min(1).values > 1).all()


@pytest.mark.parametrize("kind", ["fourier", "cells"])
def test_with_the_norm_limit_every_input_is_as_long(kind: str) -> None:
    canvas = make_canvas((3, 6, 5), kind, "norm")
    loud = torch.tensor([1.0, 9.0, 1e-9], dtype=torch.float64)
    written = canvas.begin([0, 1, 2])
    lengths = canvas.paint(written * loud.reshape(3, *[1] * (written.ndim - 1)))
    torch.testing.assert_close(lengths.flatten(1).norm(dim=1), torch.full((3,), sqrt(90), dtype=torch.float64))


def test_nothing_written_is_the_mean_where_that_is_allowed() -> None:
    canvas = make_canvas((2, 4))
    assert canvas.paint(torch.zeros_like(canvas.begin([0]))).abs().max() < 1e-12
    bright = Canvas((1, 4), Bounds((1.0,), (2.0,)), "cells", torch.float64)
    assert 1 < bright.paint(torch.zeros(1, 1, 4, dtype=torch.float64)).max() < 1.1


def test_what_is_shown_is_the_range_from_0_to_1() -> None:
    bounds = Bounds((-2.0, 0.0), (2.0, 1.0))
    shown = bounds.show(torch.tensor([[[-2.0, 0.0, 2.0], [0.0, 0.5, 1.5]]]))
    assert shown.tolist() == [[[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]]]


def test_colours_vary_most_in_brightness_and_independently() -> None:
    matrix = decorrelate_colours()
    gram = matrix.T @ matrix
    assert (gram - gram.diag().diag()).abs().max() < 1e-12
    assert gram[0, 0] > 9 * gram[1, 1] > 9 * gram[2, 2]
    red, blue = matrix[0, 1], matrix[2, 1]
    assert red == -blue != 0


def test_pictures_of_three_channels_are_painted_through_the_colours_and_others_are_not() -> None:
    for shape in ((1, 5, 1), (2, 5, 1), (3, 5, 1), (3, 5)):
        canvas, channels = make_canvas(shape, "cells", "norm"), shape[0]
        written = canvas.begin([4])
        plain = torch.zeros(shape, dtype=torch.float64)
        for out, given, cell in product(range(channels), range(channels), range(5)):
            share = decorrelate_colours()[out, given] if shape == (3, 5, 1) else float(out == given)
            plain[out, cell] += share * written[0, given, cell]
        torch.testing.assert_close(canvas.paint(written)[0], plain * sqrt(5 * channels) / plain.norm())


@pytest.mark.parametrize("kind", ["fourier", "cells"])
def test_a_beginning_follows_from_its_seed_alone(kind: str) -> None:
    canvas = make_canvas((2, 5, 4), kind)
    together = canvas.begin([5, 6, 5])
    assert torch.equal(together[0], together[2])
    assert not torch.equal(together[0], together[1])
    assert torch.equal(canvas.begin([6])[0], together[1])


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(InputError, match="parametrisation: found wavelets, needed one of fourier, cells"):
        make_canvas((1, 4), "wavelets")
    with pytest.raises(InputError, match="limit: found energy, needed one of range, norm"):
        make_canvas((1, 4), limit="energy")
    with pytest.raises(InputError, match="shape: found 2x4 with bounds for 1"):
        Canvas((2, 4), UNBOUNDED)
    with pytest.raises(InputError, match="needed the lower value first"):
        Bounds((1.0,), (1.0,))
