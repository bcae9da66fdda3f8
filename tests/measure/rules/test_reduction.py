"""Gathered axes against the gradient's support; what has a sparse gradient, or none, by a sum or a running sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import check_known, check_reach, find_kinds
from torch import Tensor, nn

SHAPE = (2, 3, 4, 2)
Gather = Callable[..., Tensor]

SMOOTH: dict[str, Gather] = {
    "mean": torch.mean,
    "sum": torch.sum,
    "nansum": torch.nansum,
    "var": torch.var,
    "std": torch.std,
    "var_mean": lambda x, dim, keepdim: torch.var_mean(x, dim, keepdim=keepdim)[0],
    "std_mean": lambda x, dim, keepdim: torch.std_mean(x, dim, keepdim=keepdim)[1],
    "norm": lambda x, dim, keepdim: x.norm(p=3, dim=dim, keepdim=keepdim),
    "vector_norm": lambda x, dim, keepdim: torch.linalg.vector_norm(x, dim=dim, keepdim=keepdim),
    "logsumexp": torch.logsumexp,
}
SPARSE: dict[str, Gather] = {"amax": torch.amax, "amin": torch.amin, "any": torch.any, "all": torch.all}
ONE_AXIS: dict[str, Gather] = {
    name: lambda x, dim, keepdim, name=name: getattr(x, name)(dim, keepdim=keepdim)
    for name in ("argmax", "argmin", "max", "min", "median", "nanmedian", "mode", "prod", "any", "all")
}
GATHERED = "mean sum prod max min amax median nanmedian argmax any all var std norm nansum count_nonzero"
EVERYTHING: dict[str, Gather] = {name: lambda x, name=name: getattr(x, name)() for name in GATHERED.split()}


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from([*SMOOTH, *SPARSE]),
    dims=st.sets(st.integers(0, 3), min_size=1),
    negative=st.booleans(),
    keepdim=st.booleans(),
)
def test_several_axes(name: str, dims: set[int], negative: bool, keepdim: bool) -> None:
    gather, named = {**SMOOTH, **SPARSE}[name], [dim - 4 * negative for dim in sorted(dims)]
    twin = None if name in SMOOTH else (lambda x: x.sum(named, keepdim=keepdim))
    check_reach(lambda x: gather(x, dim=named, keepdim=keepdim), SHAPE, twin=twin)


@pytest.mark.parametrize("name", ONE_AXIS)
@pytest.mark.parametrize(("dim", "keepdim"), [(0, False), (-1, True), (2, False)])
def test_one_axis(name: str, dim: int, keepdim: bool) -> None:
    found = ONE_AXIS[name]
    check_reach(lambda x: found(x, dim=dim, keepdim=keepdim), SHAPE, twin=lambda x: x.sum(dim, keepdim=keepdim))


@pytest.mark.parametrize("name", EVERYTHING)
def test_everything(name: str) -> None:
    check_reach(EVERYTHING[name], SHAPE, twin=lambda x: x.sum())


@pytest.mark.parametrize("place", [0, 1])
def test_both_extremes(place: int) -> None:
    check_reach(lambda x: torch.aminmax(x, dim=1)[place], SHAPE, twin=lambda x: x.sum(1))
    check_reach(lambda x: torch.aminmax(x)[place], SHAPE, twin=lambda x: x.sum())


@pytest.mark.parametrize(
    ("order", "twin"),
    [
        (lambda x: x.sort(1)[0], lambda x: x.sum(1, keepdim=True).expand(SHAPE)),
        (lambda x: x.sort()[1], lambda x: x.sum(-1, keepdim=True).expand(SHAPE)),
        (lambda x: x.sort(dim=2, stable=True)[0], lambda x: x.sum(2, keepdim=True).expand(SHAPE)),
        (lambda x: x.topk(2, 1)[0], lambda x: x.sum(1, keepdim=True).expand(2, 2, 4, 2)),
        (lambda x: x.kthvalue(2, 1)[0], lambda x: x.sum(1)),
        (lambda x: x.kthvalue(1, keepdim=True)[0], lambda x: x.sum(-1, keepdim=True)),
        (lambda x: x.count_nonzero((0, 2)), lambda x: x.sum((0, 2))),
        (lambda x: x.argsort(2), lambda x: x.sum(2, keepdim=True).expand(SHAPE)),
    ],
)
def test_orders(order: Gather, twin: Gather) -> None:
    check_reach(order, SHAPE, twin=twin)


@pytest.mark.parametrize("dim", [0, 1, 3])
def test_shares(dim: int) -> None:
    check_reach(nn.Softmax(dim), SHAPE)
    check_reach(nn.LogSoftmax(dim), SHAPE)
    check_reach(lambda x: torch.ops.aten._safe_softmax(x, dim), SHAPE, twin=lambda x: x.softmax(dim))


def test_shares_of_a_plane() -> None:
    check_reach(nn.Softmax2d(), (2, 3, 2, 2))
    check_reach(lambda x: F.softmin(x.flatten(2), -1), (2, 3, 2, 2))


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"])
@pytest.mark.parametrize("dim", [0, 2, -1])
def test_running(name: str, dim: int) -> None:
    def run(x: Tensor) -> Any:
        made = getattr(x, name)(dim)
        return made[0] if name in ("cummax", "cummin") else made

    check_reach(run, SHAPE, twin=lambda x: x.cumsum(dim))


def test_others() -> None:
    check_reach(lambda x: x.renorm(2, 1, 0.5), (2, 3, 4))
    check_reach(lambda x, y: torch.dist(x, y), (2, 3), (2, 3))
    check_reach(lambda x: torch.linalg.matrix_norm(x), (2, 3, 4))
    check_reach(lambda x: x.histc(4, 0.0, 2.0), (3, 4), twin=lambda x: x.sum().expand(4))
    check_reach(lambda x: x.trace(), (3, 5))
    check_reach(lambda x: x.trace(), (5, 3))
    check_reach(torch.searchsorted, (2, 4), (2, 3), twin=lambda rows, sought: rows.sum(1, keepdim=True) + sought)
    check_reach(lambda x: F.normalize(x), (2, 3, 4))
    check_reach(lambda x: F.layer_norm(x, (3,)).mean((1, 2)), (2, 3, 3), twin=lambda x: x.mean((1, 2)) + x.var((1, 2)))
    check_reach(lambda x: x.mean(), ())
    check_reach(lambda x: x.amax(0), ())


@pytest.mark.parametrize(
    ("gather", "word"),
    [
        (lambda x: x.mean((2, 3), keepdim=True), "gap"),
        (lambda x: x.mean((2, 3)), "gap"),
        (lambda x: x.mean((1, 2)), "mean"),
        (lambda x: x.mean(-1, keepdim=True), "mean"),
        (lambda x: x.mean(), "mean"),
        (lambda x: x.amax((-1, -2)), "gmp"),
        (lambda x: x.amax(1), "max"),
        (lambda x: x.max(1)[0], "max"),
        (lambda x: x.softmax(1), "softmax"),
    ],
)
def test_words(gather: Gather, word: str) -> None:
    assert find_kinds(gather, (3, 4, 2)) == [word]


@pytest.mark.parametrize("name", [name for name in SMOOTH if name != "var_mean"])
def test_smooth_ones_are_known_forward_and_backward(name: str) -> None:
    check_known(lambda x: SMOOTH[name](x, dim=[2, 3], keepdim=True), (3, 4, 2))


@pytest.mark.parametrize(
    "gather",
    [
        lambda x: x.amax(2),
        lambda x: x.max(2)[0],
        lambda x: x.max(),
        lambda x: x.median(2)[0],
        lambda x: x.median(),
        lambda x: x.kthvalue(1, 2)[0],
        lambda x: x.mode(2)[0],
        lambda x: x.sort(2)[0],
        lambda x: x.topk(2, 2)[0],
        lambda x: x.prod(2),
        lambda x: x.prod(),
        lambda x: x.cumsum(2),
        lambda x: x.cumprod(2),
        lambda x: x.cummax(2)[0],
        lambda x: x.logcumsumexp(2),
        lambda x: x.softmax(1),
        lambda x: x.renorm(2, 1, 1.0),
        lambda x: torch.dist(x, x + 1),
        lambda x: x[0, 0].trace(),
        lambda x: x.aminmax()[0],
        lambda x: torch.linalg.matrix_norm(x),
        lambda x: F.gumbel_softmax(x, dim=1),
        lambda x: F.normalize(x),
    ],
)
def test_the_others_are_known_forward_and_backward(gather: Gather) -> None:
    check_known(gather, (3, 4, 2))
