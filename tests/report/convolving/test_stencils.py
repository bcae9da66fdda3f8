from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from striate.explain.convolving.classical import NAMES, make_kernel
from striate.report.convolving.stencils import draw_stencil, find_divisor, write_numbers


@pytest.mark.parametrize("name", NAMES[:-2])
@pytest.mark.parametrize("size", [3, 5])
def test_what_is_written_is_the_kernel(name: str, size: int) -> None:
    values = make_kernel(name, 2, size).values.numpy()
    texts, divisor = write_numbers(values)
    numbers = np.array([float(text.replace("−", "-")) for text in texts]).reshape(size, size)
    assert np.allclose(numbers / float(divisor.removeprefix("÷ ") or 1), values, atol=1e-12)


def test_numbers_without_a_divisor_are_rounded() -> None:
    texts, divisor = write_numbers(np.array([0.12345, -0.5001, 0.0003]))
    assert (texts, divisor) == ([".12", "−.50", ".00"], "")
    assert write_numbers(np.array([12.3456, -7.1]))[0] == ["12", "−7"]
    assert find_divisor(np.zeros(3)) == 1


def test_many_cells_bear_no_numbers() -> None:
    axes = Figure().add_axes((0, 0, 1, 1))
    assert draw_stencil(axes, np.full((40, 40), 0.25), 1.0) == ""
    assert not axes.texts
