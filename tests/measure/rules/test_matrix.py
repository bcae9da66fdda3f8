from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.rules.counting import Scaled, Tally, Whole, count, list_names, run
from tests.measure.rules.support import check_reach
from torch import Tensor, nn

from striate.measure.rules.matrix import PRODUCTS, RULES

# The operation that arrives, what is called, and the shapes of its inputs.
CALLS: dict[str, tuple[Callable[..., Tensor], tuple[tuple[int, ...], ...]]] = {
    "mm": (lambda a, b: a @ b, ((3, 4), (4, 5))),
    "bmm": (lambda a, b: a @ b, ((2, 3, 4), (2, 4, 5))),
    "mv": (lambda a, b: a @ b, ((3, 4), (4,))),
    "dot": (lambda a, b: a @ b, ((4,), (4,))),
    "vdot": (lambda a, b: torch.vdot(a, b), ((4,), (4,))),
    "addmm": (lambda c, a, b: torch.addmm(c, a, b, alpha=2), ((5,), (3, 4), (4, 5))),
    "_addmm_activation": (lambda c, a, b: torch._addmm_activation(c, a, b), ((5,), (3, 4), (4, 5))),
    "baddbmm": (lambda c, a, b: torch.baddbmm(c, a, b), ((1, 3, 5), (2, 3, 4), (2, 4, 5))),
    "addbmm": (lambda c, a, b: torch.addbmm(c, a, b), ((3, 5), (2, 3, 4), (2, 4, 5))),
    "addmv": (lambda c, a, b: torch.addmv(c, a, b), ((3,), (3, 4), (4,))),
    "addr": (lambda c, a, b: torch.addr(c, a, b), ((3, 5), (3,), (5,))),
}


def count_ones(function: Callable[..., Tensor], shapes: tuple[tuple[int, ...], ...]) -> float:
    """With factors of ones each product is 1, so the sum of a product is how many were made; what is added is 0."""
    inputs = [torch.ones(shape) for shape in shapes]
    if len(shapes) == 3:
        inputs[0] = torch.zeros(shapes[0])
    return float(function(*inputs).sum())


@pytest.mark.parametrize("name", CALLS)
def test_products_are_counted_one_by_one(name: str) -> None:
    function, shapes = CALLS[name]
    traced = run(function, *shapes)
    assert name in list_names(traced)
    made = count_ones(function, shapes)
    assert count(traced) == (made / 2 if name == "addmm" else made)


@pytest.mark.parametrize("name", CALLS)
def test_what_a_product_reads_is_where_its_gradient_is(name: str) -> None:
    function, shapes = CALLS[name]
    check_reach(function, *shapes, twin=torch.addmm if name == "_addmm_activation" else None)


def test_every_product_is_tried() -> None:
    assert set(PRODUCTS) - set(CALLS) == {"_int_mm"}


def test_bytes_multiply_as_mm_does() -> None:
    module = Scaled(lambda a: torch._int_mm(a.to(torch.int8), torch.zeros(32, 40, dtype=torch.int8)).float())
    assert count(run(module, (24, 32))) == 24 * 32 * 40


def test_in_place_counts_and_reads_as_the_twin_does() -> None:
    def accumulate(c: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return (c * 1).addmm_(a, b)

    shapes = (3, 5), (3, 4), (4, 5)
    assert count(run(accumulate, *shapes)) == count(run(torch.addmm, *shapes))
    check_reach(accumulate, *shapes)


def test_what_is_added_zero_times_is_not_read() -> None:
    check_reach(lambda c, a, b: torch.baddbmm(c, a, b, beta=0), (2, 3, 5), (2, 3, 4), (2, 4, 5))


# What torch makes of them is its own choice; how many products there are is not.
COMPOSITES: dict[str, tuple[Callable[..., Tensor], tuple[tuple[int, ...], ...], int]] = {
    "matmul": (lambda a, b: a @ b, ((2, 1, 3, 4), (3, 4, 5)), 2 * 3 * 3 * 4 * 5),
    "matmul by a vector": (lambda a, b: a @ b, ((2, 3, 4), (4,)), 2 * 3 * 4),
    "einsum": (lambda a, b: torch.einsum("ij,kj->ki", a, b), ((3, 4), (5, 4)), 3 * 4 * 5),
    "einsum of three": (
        lambda a, b, c: torch.einsum("bij,bjk,bkl->bil", a, b, c),
        ((2, 3, 4), (2, 4, 5), (2, 5, 6)),
        2 * 3 * 4 * 5 + 2 * 3 * 5 * 6,
    ),
    "einsum to a number": (lambda a, b: torch.einsum("ij,ij->", a, b), ((3, 5), (3, 5)), 15),
    "tensordot": (lambda a, b: torch.tensordot(a, b, 2), ((3, 4, 5), (4, 5, 6)), 3 * 4 * 5 * 6),
    "inner": (torch.inner, ((2, 3), (4, 3)), 2 * 3 * 4),
    "chain": (lambda a, b, c: torch.linalg.multi_dot([a, b, c]), ((2, 9), (9, 3), (3, 7)), 2 * 9 * 3 + 2 * 3 * 7),
    "power": (lambda a: torch.linalg.matrix_power(a, 5), ((3, 3),), 3 * 27),
    "linear": (F.linear, ((2, 3, 4), (5, 4), (5,)), 2 * 3 * 4 * 5),
    "linear of a vector": (F.linear, ((4,), (5, 4)), 4 * 5),
    "linear, permuted": (lambda a, b, c: F.linear(a.transpose(0, 1), b, c), ((2, 3, 4), (5, 4), (5,)), 2 * 3 * 4 * 5),
}


@pytest.mark.parametrize("name", COMPOSITES)
def test_composites_are_counted_by_their_parts(name: str) -> None:
    function, shapes, wanted = COMPOSITES[name]
    assert count(run(function, *shapes)) == wanted


@pytest.mark.parametrize("name", ["mm", "bmm", "addmm", "baddbmm", "addbmm"])
def test_backward_is_twice_the_forward(name: str) -> None:
    function, shapes = CALLS[name]
    traced = run(function, *shapes, backward=True)
    assert count(traced, "backward") == 2 * count(traced)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.data())
def test_backward_of_layers_counts_the_gradients_that_are_wanted(widths: list[int], data: st.DataObject) -> None:
    """A layer's weight takes its gradient if it is trained, its input if any layer below is."""
    layers = [nn.Linear(*pair) for pair in pairwise(widths)]
    trained = [data.draw(st.booleans()) for _ in layers]
    for layer, flag in zip(layers, trained, strict=True):
        layer.requires_grad_(flag)
    wanted = sum(
        3 * layer.weight.numel() * (flag + any(trained[:place]))
        for place, (layer, flag) in enumerate(zip(layers, trained, strict=True))
    )
    assert count(run(nn.Sequential(*layers), (3, widths[0]), backward=True), "backward") == wanted


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4,), (2, 4), (2, 3, 4), (2, 3, 5, 4)], ids=str)
def test_linear_layers(bias: bool, shape: tuple[int, ...]) -> None:
    layer = nn.Linear(4, 6, bias=bias)
    tally = Tally()
    made = tally.multiply(torch.ones(shape).reshape(-1, 4), layer.weight.detach().T)
    assert torch.allclose(made.reshape(*shape[:-1], 6) + (layer.bias if bias else 0), layer(torch.ones(shape)))
    assert count(run(layer, shape)) == count(run(Whole(layer), shape)) == tally.count
    check_reach(layer, shape)
    check_reach(Whole(layer), shape, twin=layer)


def test_words() -> None:
    assert [operation.name for operation in run(nn.Linear(3, 4), (2, 3)).operations][-1] == "addmm"
    for name, word in (("addmm", "fc"), ("mm", "matmul")):
        module = nn.Linear(4, 5) if word == "fc" else Scaled(CALLS["mm"][0])
        traced = run(module, *([(3, 4)] if word == "fc" else [(3, 4), (4, 5)]), backward=True)
        kind: Any = RULES[name].kind
        kinds = {(operation.phase, kind(operation)) for operation in traced.operations if operation.name == name}
        assert ("forward", word) in kinds
        assert all(kind == "gradient" for phase, kind in kinds if phase == "backward")


def map_both(layer: nn.Bilinear, left: Tensor, right: Tensor, tally: Tally) -> Tensor:
    """The left factor through every output's matrix, and then the right one."""
    rows = []
    for sample in range(left.shape[0]):
        cells = []
        for matrix in layer.weight.detach():
            half = tally.map(matrix.T, left[sample])
            cells.append(tally.map(half[None], right[sample])[0])
        rows.append(torch.stack(cells))
    return torch.stack(rows)


def test_bilinear_is_two_products() -> None:
    layer, tally = nn.Bilinear(3, 4, 5, bias=False), Tally()
    left, right = torch.rand(2, 3), torch.rand(2, 4)
    assert torch.allclose(map_both(layer, left, right, tally), layer(left, right), atol=1e-6)
    traced = run(layer, (2, 3), (2, 4))
    assert "_trilinear" in list_names(traced)
    assert count(traced) == tally.count


def test_backward_of_bilinear_is_its_three_gradients() -> None:
    """By hand: the left factor's and the right one's two products each; the weight's an outer product and a sum."""
    batch, left, right, outs = 7, 3, 4, 5
    traced = run(nn.Bilinear(left, right, outs), (batch, left), (batch, right), backward=True)
    weight = batch * left * outs + batch * left * outs * right
    assert count(traced, "backward") == weight
    scaled = run(Scaled(nn.Bilinear(left, right, outs)), (batch, left), (batch, right), backward=True)
    first = batch * outs * left * right + batch * left * right
    second = batch * outs * left * right + batch * outs * right
    assert count(scaled, "backward") == weight + first + second


def test_reach_of_bilinear() -> None:
    check_reach(nn.Bilinear(2, 3, 4), (3, 2), (3, 3))
    check_reach(nn.Bilinear(2, 3, 4, bias=False), (2, 2, 2), (2, 2, 3))


@pytest.mark.parametrize("size", [(2, 1, 3, 4), (2, 1, 2, 3, 4)], ids=str)
def test_affine_grid_is_a_matrix_by_every_point(size: tuple[int, ...]) -> None:
    axes = len(size) - 2
    theta, tally = torch.rand(2, axes, axes + 1), Tally()
    wanted = F.affine_grid(theta, list(size), align_corners=True)
    lines = [torch.linspace(-1, 1, extent) for extent in size[2:]]
    for sample, place in product(range(2), product(*map(range, size[2:]))):
        point = torch.stack([*(lines[axis][index] for axis, index in enumerate(place)), torch.ones(())][-2::-1])
        made = tally.map(theta[sample], torch.cat([point, torch.ones(1)]))
        assert torch.allclose(made, wanted[(sample, *place)], atol=1e-5)
    assert (
        count(run(lambda value: F.affine_grid(value, list(size), align_corners=True), tuple(theta.shape)))
        == tally.count
    )


def test_reach_of_affine_grid() -> None:
    """The middle of the grid lies at 0, where a coordinate's gradient is none; so even extents without the corners."""
    check_reach(lambda theta: F.affine_grid(theta, [2, 1, 2, 4], align_corners=False), (2, 2, 3))
