from collections.abc import Sequence

import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.scratch.support import convert

from striate.measure.scratch.order import count_copy, is_channels_last, is_dense

shapes = st.lists(st.integers(1, 5), min_size=4, max_size=4)


@given(shapes, st.permutations(range(4)), st.booleans())
def test_order_is_what_torch_says(shape: Sequence[int], order: Sequence[int], cut: bool) -> None:
    """Tensors with their axes in any order, whole or cut out of a larger one."""
    tensor = torch.zeros(*shape).permute(*order)
    if cut:
        tensor = tensor[:, : -(-tensor.shape[1] // 2)]
    value = convert(tensor)
    contiguous = tensor.is_contiguous()
    last = tensor.is_contiguous(memory_format=torch.channels_last)
    assert count_copy(value) == (0 if contiguous else tensor.nbytes)
    assert count_copy(value, last=True) == (0 if last else tensor.nbytes)
    assert is_dense(value) == (contiguous or last)
    suggested = torch.empty_like(tensor, memory_format=torch.preserve_format)
    if is_channels_last(value) and not cut:
        assert suggested.is_contiguous(memory_format=torch.channels_last)
