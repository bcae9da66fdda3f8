"""Modules that can't be run on shapes alone: one line that says where, what, and what to do."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.measure.inputs import Given
from striate.measure.trace import trace


class Branches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


class Item(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * x.max().item()


class Masks(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0]


class Keyword(nn.Module):
    def forward(self, image: Tensor, *, mask: Tensor, scale: float = 1.0) -> Tensor:
        return image * mask * scale


class Two(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class Broken(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("the user's own trouble\nwith a second line")


def explain(module: nn.Module, input: Given) -> str:
    with pytest.raises(InputError) as problem:
        trace(module, input)
    message = str(problem.value)
    assert "\n" not in message
    assert problem.value.__cause__ is not None
    return message


@pytest.mark.parametrize("module", [Branches(), Item(), Masks()])
def test_python_that_reads_values(module: nn.Module) -> None:
    message = explain(nn.Sequential(nn.ReLU(), module), (3,))
    assert message.startswith(f"Sequential.1 ({type(module).__name__}): found Python that depends on a tensor's values")
    assert "test_failure.py:" in message
    assert "Measure the parts" in message


def test_a_wrong_shape_names_the_layer_and_the_input() -> None:
    message = explain(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(10, 2)), (3, 8, 8))
    assert message.startswith("Sequential.2 (Linear): ")
    assert "1x3x8x8" in message
    assert "Give the input that the module expects" in message


def test_too_few_channels() -> None:
    assert "expected input[1, 1, 8, 8] to have 3 channels" in explain(nn.Conv2d(3, 8, 3), (1, 8, 8))


@pytest.mark.parametrize("module", [Keyword(), Two()])
def test_missing_inputs_are_named(module: nn.Module) -> None:
    message = explain(module, (3,))
    assert "forward takes" in message
    assert 'input={"' in message


def test_given_by_keyword_it_runs() -> None:
    assert trace(Keyword(), {"image": (3,), "mask": (3,)}).outputs[0].shape == (1, 3)


def test_the_users_own_error_keeps_its_words() -> None:
    assert "RuntimeError: the user's own trouble" in explain(Broken(), (3,))


def test_dynamic_shapes() -> None:
    class Nonzero(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.nonzero(x)

    assert "depends on a tensor's values" in explain(Nonzero(), (3,))
