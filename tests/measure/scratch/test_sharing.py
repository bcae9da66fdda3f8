from typing import Any

import pytest
from tests.measure.scratch.support import compare_convolution, draw_convolution, needs_vectors, use_threads

# Weight gradients of few and of many blocks, of small and large batches: threads split blocks, batch and height.
CONVOLUTIONS: dict[str, dict[str, Any]] = {
    "one block": {"sizes": (8, 8, 8, 3)},
    "first": {"sizes": (4, 3, 16, 3), "extent": 32},
    "few blocks": {"sizes": (8, 32, 32, 3)},
    "many blocks": {"sizes": (2, 128, 128, 3), "extent": 8},
    "one image": {"sizes": (1, 32, 48, 5), "extent": 24},
    "pointwise": {"sizes": (8, 64, 96, 1)},
    "pointwise, small": {"sizes": (16, 32, 16, 1), "extent": 4},
    "depthwise": {"sizes": (8, 24, 24, 3), "groups": 24},
    "grouped": {"sizes": (4, 64, 64, 3), "groups": 2},
    "space": {"sizes": (2, 16, 16, 3), "dims": 3, "extent": 8, "padding": 0},
}


@needs_vectors
@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("threads", [1, 3, 4, 8])
def test_partial_sums_as_measured(name: str, threads: int) -> None:
    with use_threads(threads):
        compare_convolution(draw_convolution(**CONVOLUTIONS[name]), frozen=True)
