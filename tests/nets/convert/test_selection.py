"""Selection matrices against torch's padding of the numbers 0, 1, 2, ..."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from striate.arithmetic import Window
from striate.nets.convert.selection import MODES, select_cells


@pytest.mark.parametrize("mode", MODES)
@given(st.integers(3, 8), st.integers(0, 2), st.integers(0, 2), st.integers(1, 3))
def test_it_selects_what_stands_there_after_padding(
    mode: str, columns: int, before: int, after: int, stride: int
) -> None:
    series = torch.arange(1.0, columns + 1)
    padded = F.pad(series[None, None], (before, after), mode="constant" if mode == "zeros" else mode).flatten()
    rows = (len(padded) - 1) // stride + 1
    found = select_cells(Window(1, stride, before=before), tap=0, rows=rows, columns=columns, mode=mode)
    assert found.shape == (rows, columns)
    np.testing.assert_array_equal(found @ series.numpy(), padded[::stride].numpy())


def test_taps_stand_a_dilation_apart() -> None:
    found = [select_cells(Window(2, dilation=3), tap, rows=2, columns=5).toarray().argmax(1).tolist() for tap in (0, 1)]
    assert found == [[0, 1], [3, 4]]
