from math import prod

import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.scratch.support import aten, draw_convolution, predict, record

from striate.measure.operation import Operation
from striate.measure.scratch import count_scratch, make_scratch


@given(st.text(st.characters(categories=["Ll"]), min_size=1), st.integers(1, 64))
def test_an_unknown_operation_counts_none(name: str, threads: int) -> None:
    assert count_scratch(Operation(0, f"custom.{name}x.default", (), {}, (), "", 0), threads, "AVX2") == 0


def test_this_machines_scratch_is_that_of_its_threads_and_vectors() -> None:
    arguments = draw_convolution((2, 20, 36, 3))
    operation = record(aten.convolution.default, arguments, aten.convolution.default(*arguments))
    assert make_scratch()(operation) == predict(operation) > 0
    assert make_scratch("cuda")(operation) == 0


def test_wider_vectors_take_wider_blocks() -> None:
    arguments = draw_convolution((2, 20, 36, 3))
    output = torch.zeros(2, 36, 16, 16)
    operation = record(aten.convolution.default, arguments, output)
    narrow, wide = (count_scratch(operation, 1, capability) for capability in ("AVX2", "AVX512"))
    rows = [2 * 256 * 4 * blocks for blocks in (24 + 40, 32 + 48)]
    weights = [prod(blocks) * 9 * 4 for blocks in ((24, 40), (32, 48))]
    assert wide - narrow == rows[1] + weights[1] - rows[0] - weights[0] + 4 * (48 - 40)
