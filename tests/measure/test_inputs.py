"""Shapes, tensors, several of them, or by keyword."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from striate.errors import InputError
from striate.measure.inputs import find_device, find_type, make_inputs, name_inputs


def test_every_form_of_input_is_named() -> None:
    tensor = torch.zeros(2, 3)
    assert name_inputs((3, 8)) == {0: (3, 8)}
    assert name_inputs([3, 8]) == {0: [3, 8]}
    assert list(name_inputs([(3, 8), tensor])) == [0, 1]  # type: ignore[arg-type]
    assert list(name_inputs({"x": (3, 8), "y": tensor})) == ["x", "y"]
    assert name_inputs(tensor)[0] is tensor


@pytest.mark.parametrize("given", [(0, 3), (3, -1), "3x8", 7, [(3, 8), "x"], {"x": (1.5, 2)}, (), (True, 3)])
def test_anything_else_is_refused_in_one_line(given: object) -> None:
    with pytest.raises(InputError, match="needed channels x extents") as problem:
        name_inputs(given)  # type: ignore[arg-type]
    assert "\n" not in str(problem.value)


def test_the_input_takes_the_parameters_type() -> None:
    assert find_type(nn.Linear(2, 2).double()) == torch.float64
    assert find_type(nn.Embedding(2, 2).half()) == torch.float16
    assert find_type(nn.ReLU()) == torch.float32
    assert find_device(nn.Linear(2, 2, device="meta")).type == "cpu"


def test_a_given_tensor_keeps_its_own_type_and_shape() -> None:
    with FakeTensorMode():
        made = make_inputs({0: torch.zeros(5, 2, dtype=torch.int64), "y": (3,)}, 4, torch.float64, torch.device("cpu"))
    assert [(tuple(value.shape), value.dtype) for value in made.values()] == [
        ((5, 2), torch.int64),
        ((4, 3), torch.float64),
    ]
