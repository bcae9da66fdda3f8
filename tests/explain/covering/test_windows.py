from __future__ import annotations

import pytest
import torch

from striate.explain.covering.windows import lay_windows


@pytest.mark.parametrize(("extent", "size", "step"), [(7, 3, 1), (8, 4, 2), (12, 3, 3), (5, 9, 2), (1, 1, 1)])
def test_every_cell_lies_under_as_many_windows_where_the_step_divides_the_size(
    extent: int, size: int, step: int
) -> None:
    (cover,) = lay_windows([extent], [size], [step], torch.device("cpu")).covers
    counts = cover.sum(0)
    assert cover.any(1).all()
    if size % step == 0:
        assert counts.tolist() == [size // step] * extent
    assert counts.min() >= 1


def test_the_cells_of_a_window_are_a_box() -> None:
    windows = lay_windows([4, 5], [2, 3], [1, 2], torch.device("cpu"))
    numbers = torch.arange(windows.total)
    for number, box in zip(numbers.tolist(), windows.select(numbers), strict=True):
        row, column = divmod(number, windows.counts[1])
        expected = [[windows.covers[0][row, y] and windows.covers[1][column, x] for x in range(5)] for y in range(4)]
        assert box.tolist() == [[bool(cell) for cell in line] for line in expected]


def test_the_mean_over_windows_is_a_mean_cell_by_cell() -> None:
    windows = lay_windows([4, 5], [2, 3], [1, 2], torch.device("cpu"))
    drops = torch.randn(2, windows.total, generator=torch.Generator().manual_seed(0)).double()
    boxes = windows.select(torch.arange(windows.total))
    for y in range(4):
        for x in range(5):
            over = boxes[:, y, x]
            torch.testing.assert_close(windows.average(drops)[:, y, x], drops[:, over].mean(1))


def test_hiding_leaves_the_input_as_it_is() -> None:
    windows = lay_windows([6], [2], [1], torch.device("cpu"))
    inputs = torch.ones(1, 3, 6)
    hidden = windows.hide(inputs, torch.arange(windows.total))
    assert inputs.all()
    assert hidden.sum((1, 2)).tolist() == [15.0, *[12.0] * 5, 15.0]
