"""Views of one memory against their cells' addresses, which torch itself lays out."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import Call, check_reach, draw_back
from torch import Tensor

from striate.measure.bits import carry
from striate.measure.operation import Operation, Value
from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.geometry import relate, write_axis
from striate.measure.trace import trace

BASES = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)


@st.composite
def views(draw: st.DrawFn, base: Tensor) -> Tensor:
    """Slices with steps, selected places and permutations, one after the other."""
    view = base
    for _ in range(draw(st.integers(0, 3))):
        dim = draw(st.integers(0, view.dim() - 1)) if view.dim() else 0
        turn = draw(st.sampled_from(["slice", "select", "permute", "unsqueeze"]))
        if turn == "slice" and view.dim():
            start = draw(st.integers(0, view.shape[dim] - 1))
            end = draw(st.integers(start + 1, view.shape[dim]))
            view = torch.ops.aten.slice(view, dim, start, end, draw(st.integers(1, 3)))
        elif turn == "select" and view.dim() > 1:
            view = view.select(dim, draw(st.integers(0, view.shape[dim] - 1)))
        elif turn == "permute":
            view = view.permute(draw(st.permutations(range(view.dim()))))
        else:
            view = view.unsqueeze(dim)
    return view


def describe(view: Tensor, origin: str) -> Value:
    """A tensor as the trace writes it down."""
    return Value(tuple(view.shape), view.stride(), "int64", 8, 0, view.storage_offset(), origin)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(st.data(), BASES)
def test_cells_meet_where_their_addresses_are_equal(data: st.DataObject, shape: tuple[int, ...]) -> None:
    base = torch.arange(int(np.prod(shape))).reshape(shape)
    output, source = data.draw(views(base)), data.draw(views(base))
    target, made = describe(source, "input"), describe(output, "operation")
    whole = describe(base, "constant")
    operation = Operation(0, "striate.overlay.default", ((whole, target),), {}, (made,), "", 0)
    made.maker = operation
    assert find_rule(operation) is not None
    for cell in np.ndindex(*output.shape):
        seen = draw_back(target, made, cell)
        assert np.array_equal(seen, (source == output[cell]).numpy()), (cell, made, target)


def test_strides_without_a_common_measure_have_no_relation() -> None:
    base = torch.arange(30)
    one, other = describe(base.as_strided((5, 3), (6, 2)), "input"), describe(base.as_strided((7, 2), (4, 3)), "input")
    assert relate(one, other) is None


def test_cells_of_other_sizes_have_no_relation() -> None:
    value = Value((4,), (1,), "float32", 4, 0)
    assert relate(value, Value((2,), (1,), "float64", 8, 0)) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=1, max_size=7), st.booleans(), st.integers(1, 3))
def test_an_axis_says_the_same_as_its_windows(cells: list[int | None], regular: bool, stride: int) -> None:
    if regular:
        cells = [place * stride + (cells[0] or 0) for place in range(len(cells))]
    windows = tuple(() if cell is None else (cell,) for cell in cells)
    axis = write_axis(0, windows, 40)
    for place, window in enumerate(windows):
        assert carry(axis, (1 << place,), 40) == sum(1 << cell for cell in window)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
def test_frames_that_overlap(hop: int, size: int, start: int, frames: int) -> None:
    length = start + (frames - 1) * hop + size
    made = check_reach(lambda x: x.as_strided((2, frames, size), (length, hop, 1), start), (2, length))
    assert made.operations[-1].name == "as_strided"


def test_a_view_by_strides_that_leaves_its_input_is_unknown() -> None:
    made = trace(Call(lambda x: x[:, :2].as_strided((2, 4), (4, 1))), torch.rand(2, 4))
    assert find_rule(made.operations[-1]) is None
