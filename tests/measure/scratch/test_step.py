from collections.abc import Callable, Sequence
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.allocator import measure_peak

from striate.measure.scratch import Optimizer, count_step_scratch


@pytest.mark.parametrize("name", get_args(Optimizer))
def test_step_scratch_as_measured(name: Optimizer) -> None:
    parameters = [torch.nn.Parameter(torch.randn(size)) for size in (1000, 50_000, 30_000, 400)]
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimizers: dict[Optimizer, Callable[[], torch.optim.Optimizer]] = {
        "sgd": lambda: torch.optim.SGD(parameters),
        "momentum": lambda: torch.optim.SGD(parameters, momentum=0.9),
        "adam": lambda: torch.optim.Adam(parameters),
        "adamw": lambda: torch.optim.AdamW(parameters),
    }
    optimizer = optimizers[name]()
    optimizer.step()
    predicted = count_step_scratch(name, [4 * parameter.numel() for parameter in parameters])
    assert measure_peak(lambda: optimizer.step()) == pytest.approx(predicted, rel=0.02, abs=128)


@given(st.lists(st.integers(1, 10**9)))
def test_adam_needs_between_two_and_three_of_the_largest_parameter(sizes: Sequence[int]) -> None:
    largest = max(sizes, default=0)
    assert 2 * largest <= count_step_scratch("adam", sizes) <= 3 * largest
