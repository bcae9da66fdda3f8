from __future__ import annotations

import math

import torch
from torch import Tensor

from striate.engine.agreement import agrees, answer_in_fp32

BATCH = torch.tensor([[1.0, -4.0]])


def test_the_largest_output_is_the_measure() -> None:
    expected = answer_in_fp32(torch.abs, BATCH)
    for shift, right in ((0.03, True), (0.05, False), (math.nan, False)):
        shifted = BATCH.abs() + shift
        assert agrees(lambda batch: shifted, BATCH, expected, 0.01) is right  # noqa: B023 - called at once


def test_other_shapes_numbers_of_outputs_and_failures_do_not_agree() -> None:
    def fail(batch: Tensor) -> Tensor:
        raise RuntimeError("no such kernel")

    expected = answer_in_fp32(torch.abs, BATCH)
    for other in (fail, lambda batch: batch.abs()[:, :1], lambda batch: (batch.abs(), batch)):
        assert not agrees(other, BATCH, expected, 0.01)
    assert agrees(lambda batch: (batch.abs(),), BATCH, expected, 0.01)


def test_the_batch_is_not_written_over() -> None:
    batch = BATCH.clone()
    answer_in_fp32(lambda given: given.mul_(2), batch)
    assert torch.equal(batch, BATCH)
