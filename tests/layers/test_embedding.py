"""Embedding against rows that are looked up one by one."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from tests.layers.waysout import check_ways_out, export
from tests.measure.rules.support import check_reach

from striate.errors import InputError, ShapeError
from striate.layers import CellEmbedding
from striate.measure.rules.catalogue import find_rule
from striate.measure.trace import trace

EXTENTS = [(), (4,), (2, 3), (2, 1, 3), (2, 1, 2, 2)]


def draw(symbols: int, extents: tuple[int, ...]) -> torch.Tensor:
    return torch.randint(0, symbols, (2, 1, *extents))


@pytest.mark.parametrize("extents", EXTENTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.uint8])
def test_each_cell_is_its_symbols_row(extents: tuple[int, ...], dtype: torch.dtype) -> None:
    layer, x = CellEmbedding(7, 5), draw(7, extents)
    found = layer(x.to(dtype))
    assert found.shape == (2, 5, *extents)
    for sample, channel, *place in product(*map(range, found.shape)):
        assert found[(sample, channel, *place)] == layer.weight[int(x[(sample, 0, *place)]), channel]


def test_a_row_is_taught_by_its_cells_alone() -> None:
    layer, x = CellEmbedding(4, 2), torch.tensor([[[2.0, 0.0, 2.0]]])
    layer(x).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[1, 1], [0, 0], [2, 2], [0, 0]]


@pytest.mark.parametrize("extents", EXTENTS)
def test_slopes_are_right(extents: tuple[int, ...]) -> None:
    layer, x = CellEmbedding(3, 2).double(), draw(3, extents)
    assert torch.autograd.gradcheck(
        lambda weight: torch.func.functional_call(layer, {"weight": weight}, (x,)), (layer.weight,)
    )


@pytest.mark.parametrize("extents", EXTENTS[1:4])
def test_ways_out(extents: tuple[int, ...]) -> None:
    check_ways_out(CellEmbedding(7, 5), draw(7, extents).float())


@pytest.mark.parametrize("extents", EXTENTS[1:4])
def test_what_a_cell_sees(extents: tuple[int, ...]) -> None:
    check_reach(CellEmbedding(7, 3), (2, 1, *extents), twin=lambda x: x.expand(-1, 3, *extents))
    traced = trace(CellEmbedding(7, 3), (1, *extents), 2, mode="train", backward=True)
    assert not [operation.target for operation in traced.operations if find_rule(operation) is None]
    assert "weight" in traced.gradients


@pytest.mark.parametrize(
    ("value", "shown"), [(7.0, "7"), (-1.0, "-1"), (0.5, "0.5"), (float("nan"), "nan"), (1e9, "1e\\+09")]
)
def test_what_is_no_symbol_is_refused(value: float, shown: str) -> None:
    x = torch.tensor([[[6.0, value, 0.0]]])
    problem = f"an embedding of 7 symbols gets the value {shown}, but it needs whole numbers from 0 to 6"
    layer = CellEmbedding(7, 5)
    for module in (layer, torch.fx.symbolic_trace(layer)):
        with pytest.raises(InputError, match=problem):
            module(x)
    with pytest.raises(InputError, match="gets the value -3, but"):
        layer(torch.tensor([[[0, -3]]]))


def test_an_exported_one_looks_at_no_value() -> None:
    program = export(CellEmbedding(7, 5), draw(7, (4,)).float())
    names = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    assert "aten.embedding.default" in names
    assert not names & {"aten.any.default", "aten.lt.Scalar", "aten.ge.Scalar", "aten.item.default"}


def test_several_channels_are_refused() -> None:
    with pytest.raises(ShapeError, match="an embedding gets 3 channels, but it needs 1"):
        CellEmbedding(7, 5)(torch.zeros(1, 3, 4))
