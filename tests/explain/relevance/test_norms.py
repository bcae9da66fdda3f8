"""What each norm multiplies its input with, against loops, and against the norm itself."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from statistics import fmean, pvariance
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from striate.errors import InputError
from striate.explain.relevance import Passing
from striate.explain.relevance.norms import scale_batch, scale_group, scale_instance, scale_layer, scale_root

Cell = tuple[int, ...]
Scale = Callable[[dict[str, Any]], Tensor]


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


WEIGHT, BIAS = draw(4, seed=2), draw(4, seed=3)
MEAN, SPREAD = draw(4, seed=4), draw(4, seed=5).abs() + 0.5
LAST, LAST_BIAS = draw(5, seed=6), draw(5, seed=7)


def is_of_channel(cell: Cell, other: Cell) -> bool:
    return cell[1] == other[1]


def is_of_map(cell: Cell, other: Cell) -> bool:
    return cell[:2] == other[:2]


def is_of_group(cell: Cell, other: Cell) -> bool:
    return cell[0] == other[0] and cell[1] // 2 == other[1] // 2


def is_of_row(cell: Cell, other: Cell) -> bool:
    return cell[:-1] == other[:-1]


BATCH = {"running_mean": None, "running_var": None, "weight": WEIGHT, "bias": BIAS, "training": True, "eps": 0.1}
CASES: dict[str, tuple[Scale, Callable[..., Tensor], dict[str, Any], Callable[[Cell, Cell], bool]]] = {
    "batch": (scale_batch, F.batch_norm, BATCH, is_of_channel),
    "batch, bare": (scale_batch, F.batch_norm, {**BATCH, "weight": None, "bias": None}, is_of_channel),
    "instance": (scale_instance, F.instance_norm, {"weight": WEIGHT, "bias": BIAS, "eps": 0.2}, is_of_map),
    "instance, bare": (scale_instance, F.instance_norm, {}, is_of_map),
    "group": (scale_group, F.group_norm, {"num_groups": 2, "weight": WEIGHT, "bias": BIAS, "eps": 0.3}, is_of_group),
    "group, bare": (scale_group, F.group_norm, {"num_groups": 2}, is_of_group),
    "layer": (
        *(scale_layer, F.layer_norm),
        {"normalized_shape": (5,), "weight": LAST, "bias": LAST_BIAS, "eps": 0.4},
        is_of_row,
    ),
    "layer, bare": (scale_layer, F.layer_norm, {"normalized_shape": (5,)}, is_of_row),
}
NAMES = ("weight", "bias", "eps", "running_mean", "running_var", "training", "use_input_stats")


def list_cells(x: Tensor) -> list[Cell]:
    return [tuple(index) for index in torch.ones_like(x).nonzero().tolist()]


def pick(figures: Tensor | None, cell: Cell, default: float) -> float:
    """A cell's figure: one for each channel, or one for each place of the last axis."""
    if figures is None:
        return default
    return float(figures[cell[1] if len(figures) == 4 else cell[-1]])


@pytest.mark.parametrize("extents", [(5,), (2, 5)])
@pytest.mark.parametrize("name", CASES)
def test_a_scale_is_the_weight_over_the_spread_and_gives_the_norm(name: str, extents: tuple[int, ...]) -> None:
    find, run, options, together = CASES[name]
    x = draw(2, 4, *extents) * 3 + 1
    scale = find({**dict.fromkeys(NAMES), "input": x, **options}).expand_as(x)
    value = run(x, **options)
    for cell in list_cells(x):
        mates = [float(x[other]) for other in list_cells(x) if together(cell, other)]
        eps = options.get("eps", 1e-5)
        expected = pick(options.get("weight"), cell, 1.0) / sqrt(pvariance(mates) + eps)
        assert float(scale[cell]) == pytest.approx(expected)
        shift = pick(options.get("bias"), cell, 0.0)
        assert float(value[cell]) == pytest.approx((float(x[cell]) - fmean(mates)) * float(scale[cell]) + shift)


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("eps", [None, 0.5])
def test_running_figures_are_used_where_they_stand(weight: Tensor | None, eps: float | None) -> None:
    x, tiny = draw(2, 4, 5), 1e-5 if eps is None else eps
    given = {"input": x, "running_mean": MEAN, "running_var": SPREAD, "weight": weight, "eps": eps}
    for scale, value in (
        (scale_batch({**given, "training": False}), F.batch_norm(x, MEAN, SPREAD, weight, eps=tiny)),
        (
            scale_instance({**given, "use_input_stats": False}),
            F.instance_norm(x, MEAN, SPREAD, weight, use_input_stats=False, eps=tiny),
        ),
    ):
        torch.testing.assert_close((x - MEAN[:, None]) * scale, value)


def test_in_training_the_running_figures_are_not_used() -> None:
    x = draw(3, 4, 5)
    given = {"input": x, "weight": None, "eps": None, "training": True}
    assert torch.equal(scale_batch({**given, "running_var": SPREAD}), scale_batch({**given, "running_var": None}))


@pytest.mark.parametrize("eps", [None, 0.5])
@pytest.mark.parametrize("shape", [(5,), (4, 5)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_root_norm_only_scales(eps: float | None, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    x = (draw(2, 4, 5) * 1e-3).to(dtype)
    weight = draw(*shape, seed=8).to(dtype)
    scale = scale_root({"input": x, "normalized_shape": shape, "weight": weight, "eps": eps})
    torch.testing.assert_close(x * scale, F.rms_norm(x, shape, weight, eps))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_layer_norm_over_several_axes(axes: int) -> None:
    x = draw(2, 3, 4, 5)
    shape = x.shape[-axes:]
    scale = scale_layer({"input": x, "normalized_shape": shape, "weight": None, "eps": None})
    centred = x - x.mean(tuple(range(-axes, 0)), keepdim=True)
    torch.testing.assert_close(centred * scale, F.layer_norm(x, shape))


REFUSED: list[Callable[[Tensor], Tensor]] = [
    lambda x: F.batch_norm(x, MEAN, SPREAD, x[0, :, 0]),
    lambda x: F.layer_norm(x, (5,), None, x[0, 0]),
    lambda x: torch.layer_norm(x, (5,)),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_a_scale_that_is_not_known_beforehand_is_refused(number: int) -> None:
    with Passing(), pytest.raises(InputError, match=r"_norm.*isn't public, or its scale depends"):
        REFUSED[number](draw(2, 4, 5).requires_grad_())


@pytest.mark.parametrize("run", [lambda x: F.normalize(x, dim=1), lambda x: F.local_response_norm(x, 3)])
def test_a_norm_that_only_divides_passes_on_cell_by_cell(run: Callable[[Tensor], Tensor]) -> None:
    x, due = draw(2, 4, 5).requires_grad_(), draw(2, 4, 5, seed=9)
    with Passing():
        value = run(x)
    torch.testing.assert_close(value, run(x.detach()))
    (got,) = torch.autograd.grad(value, x, due)
    assert torch.equal(got, due)
