import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.scratch.support import aten, draw_convolution, make_convolution, record

from striate.measure.scratch.machine import Machine
from striate.measure.scratch.sizes import read_convolution, round_up

MACHINE = Machine(2, 16)


@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_rounding_up_finds_the_next_multiple(count: int, step: int) -> None:
    found = round_up(count, step)
    assert found % step == 0
    assert count <= found < count + step


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("transposed", [False, True])
def test_sizes_are_read_alike_forward_and_backward(dims: int, transposed: bool) -> None:
    arguments = draw_convolution((2, 8, 12, 3), extent=9, stride=2, groups=4, dims=dims, transposed=transposed)
    images, weight, bias, *rest = arguments
    output = aten.convolution.default(*arguments)
    size, value, _, result = read_convolution(record(aten.convolution.default, arguments, output), MACHINE)
    backward = (torch.randn_like(output), images, weight, [len(bias)], *rest, [True] * 3)
    operation = record(aten.convolution_backward.default, backward, aten.convolution_backward.default(*backward))
    assert read_convolution(operation, MACHINE)[0] == size
    wide, narrow = (output, images) if transposed else (images, output)
    assert (size.count_side(0), size.count_side(1)) == (wide.nbytes, narrow.nbytes)
    assert size.count_weight() == weight.nbytes
    assert (value.bytes, result.bytes) == (images.nbytes, output.nbytes)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([4, 8, 16]))
def test_blocks_take_what_padded_tensors_take(inner: int, outer: int, lane: int) -> None:
    """The twin pads real tensors with zeros."""
    size = make_convolution((inner, outer), 9, 3, 1, MACHINE)
    images = torch.nn.functional.pad(torch.zeros(2, inner, 9, 9), (0, 0, 0, 0, 0, -inner % lane))
    weight = torch.nn.functional.pad(torch.zeros(outer, inner, 3, 3), (0,) * 5 + (-inner % lane, 0, -outer % lane))
    assert size.count_side(0, lane) == images.nbytes
    assert size.count_weight(lane, lane) == weight.nbytes


def test_channels_of_odd_groups_fit_no_block() -> None:
    lanes = [make_convolution((inner, 64), 9, 3, 1, MACHINE, groups=2).lane for inner in (64, 48, 40, 36)]
    assert lanes == [16, 8, 4, 0]
