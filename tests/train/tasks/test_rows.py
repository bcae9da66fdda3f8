"""Targets as rows: what is read as one, what is refused and why, and that a network has an output for each column."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from striate.errors import InputError
from striate.train.tasks.rows import check_row, read_rows


@pytest.mark.parametrize("shape", [(4,), (4, 1), (4, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool])
def test_numbers_are_rows_of_one_and_rows_stay(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    targets = torch.arange(int(torch.tensor(shape).prod())).reshape(shape).to(dtype)
    rows = read_rows(targets, "numbers", "training")
    assert rows.shape == (4, shape[1] if len(shape) > 1 else 1)
    assert torch.equal(rows.flatten(), targets.flatten())


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (torch.zeros(3, 0), r"training labels: \[3, 0\] of torch.float32; numbers per input are needed"),
        (torch.zeros(3, 2, 2), r"\[3, 2, 2\]"),
        (torch.tensor(1.0), r"\[\]"),
        (torch.zeros(3, 2, dtype=torch.complex64), "complex64"),
        (torch.tensor([[0.0, 1.0], [2.0, torch.nan], [torch.inf, 0.0]]), "those of sample 1 are not finite"),
        (torch.tensor([0.0, 1.0, -torch.inf]), "those of sample 2 are not finite"),
    ],
)
def test_anything_else_is_refused(targets: Tensor, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_rows(targets, "numbers", "training")


def test_a_network_has_one_output_for_each_column() -> None:
    assert check_row((3,), torch.zeros(5, 3), "training") == 3
    with pytest.raises(InputError, match="validation part: 3 labels a sample, but the network has 4 outputs"):
        check_row((4,), torch.zeros(5, 3), "validation")
