from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.allocator import list_allocations
from tests.measure.scratch.support import aten, compare, needs_vectors, record

from striate.measure.operation import Operation, Value
from striate.measure.scratch import count_workspace

# steps, batch, input and state
SIZES = [(16, 2, 512, 128), (32, 2, 64, 128), (10, 4, 100, 50), (16, 8, 512, 64)]


def draw_layer(length: int, batch: int, inner: int, outer: int, train: bool) -> tuple[Any, ...]:
    """The arguments of one layer of an LSTM, in one direction."""
    weights = (
        torch.randn(4 * outer, inner),
        torch.randn(4 * outer, outer),
        torch.randn(4 * outer),
        torch.randn(4 * outer),
    )
    state = torch.zeros(batch, outer), torch.zeros(batch, outer)
    return torch.randn(length, batch, inner), *weights, *state, False, [], 2, outer, 1, True, False, False, train


@needs_vectors
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_layer_as_measured(sizes: tuple[int, int, int, int]) -> None:
    with torch.no_grad():
        compare(aten.mkldnn_rnn_layer.default, *draw_layer(*sizes, train=False))
    arguments = draw_layer(*sizes, train=True)
    images, *weights = arguments[:5]
    output, hidden, cell, workspace = compare(aten.mkldnn_rnn_layer.default, *arguments)
    assert count_workspace(record(aten.mkldnn_rnn_layer.default, arguments, (output,))) == workspace.nbytes
    backward = (images, *weights, *arguments[5:7], output, hidden, cell, torch.randn_like(output), None, None)
    rest: tuple[Any, ...] = (False, 2, sizes[3], 1, True, True, False, [], False, workspace)
    compare(aten.mkldnn_rnn_layer_backward.default, *backward, *rest)
    cut = torch.randn(*output.shape[:-1], 2 * sizes[3])[..., : sizes[3]]
    compare(aten.mkldnn_rnn_layer_backward.default, *backward[:-3], cut, hidden, cell, *rest)


@needs_vectors
def test_the_workspace_is_the_largest_thing_that_training_keeps() -> None:
    layer = torch.nn.LSTM(300, 200)
    images = torch.randn(20, 4, 300)
    sizes = list_allocations(lambda: layer(images))
    operation = record(aten.mkldnn_rnn_layer.default, draw_layer(20, 4, 300, 200, True), (images,))
    assert count_workspace(operation) in sizes


@given(st.integers(1, 100), st.integers(1, 16), st.integers(1, 600), st.integers(1, 600))
def test_the_workspace_holds_at_least_gates_and_states(length: int, batch: int, inner: int, outer: int) -> None:
    images, recurrent = (Value(shape, (), "float32", 4, 0) for shape in ((length, batch, inner), (4 * outer, outer)))
    operation = Operation(
        0, "aten.mkldnn_rnn_layer.default", (images, None, recurrent, *[None] * 12, True), {}, (), "", 0
    )
    assert count_workspace(operation) >= 4 * length * batch * (4 * outer + outer + max(inner, outer))
    assert count_workspace(operation) % 4096 == 0
