import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.scratch.support import make_convolution

from striate.measure.scratch.buffers import PAGE, SLACK, count_batches, count_gathered, count_padded_bias
from striate.measure.scratch.machine import Machine
from striate.measure.scratch.sizes import Convolution


def make(outer: int, extent: int, stride: int, threads: int, bias: bool = True) -> Convolution:
    return make_convolution((20, outer), extent, 1, stride, Machine(threads, 8), bias=bias)


@given(st.integers(1, 100), st.sampled_from([8, 16]), st.booleans())
def test_a_bias_is_padded_to_whole_blocks(outer: int, lane: int, bias: bool) -> None:
    """The twin pads a bias until its length divides."""
    padded = torch.zeros(outer)
    while len(padded) % lane:
        padded = torch.cat([padded, torch.zeros(1)])
    expected = padded.nbytes + SLACK if bias and len(padded) > outer else 0
    assert count_padded_bias(make(outer, 8, 1, 1, bias), lane) == expected


@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 8))
def test_a_strided_one_gathers_what_it_reads_per_thread(cells: int, stride: int, threads: int) -> None:
    size = make(16, cells * stride, stride, threads)
    read = torch.zeros(24, cells * stride, cells * stride)[:, ::stride, ::stride].contiguous()
    assert count_gathered(size, 8) == (threads * read.nbytes + SLACK if stride > 1 else 0)


@given(st.integers(1, 64))
def test_every_thread_has_a_page_for_its_lists(threads: int) -> None:
    assert count_batches(make(16, 8, 1, threads)) // PAGE == threads + 1
