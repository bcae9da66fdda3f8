"""A module on stand-ins: no memory is touched, and afterwards everything is as it was."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from striate.errors import InputError
from striate.measure.standin import make_stand_in, stand_in
from striate.measure.trace import trace


class Odd(nn.Module):
    """Keeps tensors in every place where people keep them."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 3))
        self.tied = self.weight
        self.register_buffer("mean", torch.zeros(3))
        self.loose = torch.ones(3)
        self.listed = [torch.ones(3), 2]
        self.part = nn.BatchNorm1d(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert isinstance(self.listed[0], torch.Tensor)
        assert isinstance(self.mean, torch.Tensor)
        made = x @ self.weight + self.mean + self.loose + self.listed[0]
        self.last = made
        return self.part(made) @ self.tied  # type: ignore[no-any-return]


def snapshot(module: nn.Module) -> dict[str, dict[str, object]]:
    return {path: dict(part.__dict__) for path, part in module.named_modules()}


def test_a_trace_leaves_no_mark_on_the_module() -> None:
    module = Odd()
    module.register_forward_hook(lambda *_: None)
    before, values = snapshot(module), copy.deepcopy(module.state_dict())
    trace(module, (3,), 4, mode="train", backward=True)
    after = snapshot(module)
    assert before.keys() == after.keys()
    for path, attributes in before.items():
        assert attributes.keys() == after[path].keys()
        assert all(after[path][key] is value for key, value in attributes.items()), path
    assert module.weight.grad is None
    assert all(torch.equal(value, values[key]) for key, value in module.state_dict().items())


def test_it_is_put_back_after_an_error_too() -> None:
    module = nn.Sequential(nn.Linear(3, 3), nn.Linear(4, 4))
    before = snapshot(module)
    with pytest.raises(InputError):
        trace(module, (3,))
    assert all(snapshot(module)[path] == attributes for path, attributes in before.items())


def test_training_flags_come_back_part_by_part() -> None:
    module = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout())
    module.train()
    module[0].eval()
    trace(module, (3,), 2, mode="eval")
    assert [part.training for part in module.modules()] == [True, False, True]


def test_shared_tensors_stay_shared() -> None:
    module = Odd()
    with FakeTensorMode(allow_non_fake_inputs=True), stand_in(module, lambda path, part: part.forward) as twins:
        assert module.weight is module.tied
        assert len(twins) == 9


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_a_stand_in_has_shape_layout_and_type(order: torch.memory_format) -> None:
    tensor = torch.randn(2, 3, 4, 5, dtype=torch.float64).to(memory_format=order)
    with FakeTensorMode():
        twin = make_stand_in(tensor)
    assert (twin.shape, twin.stride(), twin.dtype) == (tensor.shape, tensor.stride(), tensor.dtype)


def test_what_is_not_dense_is_refused() -> None:
    with pytest.raises(InputError, match="found a sparse_coo tensor"):
        make_stand_in(torch.eye(3).to_sparse())


def test_lazy_modules_are_refused() -> None:
    with pytest.raises(InputError, match="lazy module"):
        trace(nn.LazyLinear(3), (4,))
