from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.scratch.support import (
    compare_convolution,
    draw_convolution,
    make_convolution,
    needs_vectors,
    use_threads,
)

from striate.measure.scratch.columns import count_source_columns, count_target_columns, count_weight_columns
from striate.measure.scratch.machine import Machine

# Kernels wider than the image, groups that fill no vector, and padding that no blocked kernel takes.
CONVOLUTIONS: dict[str, dict[str, Any]] = {
    "wide": {"sizes": (2, 16, 32, 11), "extent": 4},
    "wide, many channels": {"sizes": (2, 256, 16, 11), "extent": 4},
    "odd groups": {"sizes": (4, 20, 100, 3), "groups": 2},
    "thin groups": {"sizes": (8, 8, 24, 3), "groups": 8, "stride": 2},
    "strided and dilated": {"sizes": (4, 24, 64, 3), "stride": 2, "dilation": 2, "padding": 2},
    "long": {"sizes": (4, 8, 48, 80), "dims": 1, "extent": 500, "stride": 4, "padding": 38},
    "long, many channels": {"sizes": (2, 64, 16, 80), "dims": 1, "extent": 500, "stride": 2, "padding": 40},
    "space": {"sizes": (2, 12, 20, 3), "dims": 3, "extent": 6, "groups": 2},
    "up": {"sizes": (4, 16, 24, 3), "stride": 2, "dilation": 2, "padding": 1, "transposed": True},
}


@needs_vectors
@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("threads", [1, 2])
def test_columns_as_measured(name: str, threads: int) -> None:
    with use_threads(threads):
        compare_convolution(draw_convolution(**CONVOLUTIONS[name]))


channels = st.integers(1, 300)


@given(channels, channels, st.integers(1, 7), st.integers(0, 60), st.integers(1, 8), st.integers(1, 16))
def test_threads_never_lay_out_more_than_all_windows_of_all_images(
    inner: int, outer: int, kernel: int, more: int, threads: int, batch: int
) -> None:
    size = make_convolution((inner, outer), kernel + more, kernel, 1, Machine(threads, 8), batch=batch)
    windows = 4 * inner * kernel**2 * (more + 1) ** 2
    assert 0 <= count_target_columns(size) <= threads * windows + 128
    assert 0 <= count_source_columns(size) <= threads * windows + 128
    sums = 16 * inner * outer * kernel**2
    assert sums <= count_weight_columns(size) <= threads * (windows + sums) + 128
    assert (count_source_columns(size) == 0) == (kernel == 1)
