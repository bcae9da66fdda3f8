"""What is remembered of an operation is what torch gives: shapes, layouts, types, memory; and never more than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from striate.measure import remembered

ATEN = torch.ops.aten
CALLS: dict[str, Callable[[], tuple[Any, tuple[Any, ...]]]] = {
    "convolution": lambda: (
        ATEN.convolution.default,
        (torch.empty(2, 3, 9, 9), torch.empty(4, 3, 3, 3), None, [2, 2], [1, 1], [1, 1], False, [0, 0], 1),
    ),
    "channels last": lambda: (ATEN.relu.default, (torch.empty(2, 3, 4, 4).to(memory_format=torch.channels_last),)),
    "several": lambda: (ATEN.max_pool2d_with_indices.default, (torch.empty(1, 2, 6, 6), [2, 2])),
    "none": lambda: (
        ATEN.convolution_backward.default,
        (
            *(torch.empty(2, 4, 7, 7), torch.empty(2, 3, 9, 9), torch.empty(4, 3, 3, 3)),
            *(None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [True, False, False]),
        ),
    ),
    "a sum of whole numbers": lambda: (ATEN.div.Tensor, (torch.empty(3, dtype=torch.int64), torch.empty(3).int())),
    "nothing": lambda: (ATEN.relu.default, (torch.empty(0, 3),)),
}


def facts(result: Any) -> list[Any]:
    parts = [result] if isinstance(result, Tensor) else list(result)
    return [
        None if part is None else (part.shape, part.stride(), part.dtype, part.device, part.untyped_storage().nbytes())
        for part in parts
    ]


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_results", {})


@pytest.mark.parametrize("name", CALLS)
def test_the_second_time_gives_what_torch_gives(name: str) -> None:
    with FakeTensorMode():
        func, args = CALLS[name]()
        wanted = func(*args)
        first = remembered.run(func, args, {})
        assert len(remembered._results) == 1
        second = remembered.run(func, args, {})
        assert facts(first) == facts(second) == facts(wanted)
        assert type(first) is type(second)
    makers = [part for part in ([second] if isinstance(second, Tensor) else second) if part is not None]
    assert all(type(part) is FakeTensor for part in makers)


def test_what_differs_in_a_number_a_type_or_the_default_type_is_told_apart() -> None:
    with FakeTensorMode():
        whole = torch.empty(3, dtype=torch.int64)
        assert remembered.run(ATEN.mul.Tensor, (whole, torch.empty((), dtype=torch.int64)), {}).dtype == torch.int64
        made = [remembered.run(ATEN.add.Scalar, (whole, number), {}).dtype for number in (1, 1.0, True)]
        assert made == [ATEN.add.Scalar(whole, number).dtype for number in (1, 1.0, True)]
        torch.set_default_dtype(torch.float64)
        try:
            assert remembered.run(ATEN.add.Scalar, (whole, 1.0), {}).dtype == torch.float64
        finally:
            torch.set_default_dtype(torch.float32)


def test_views_writes_and_real_tensors_are_left_to_torch() -> None:
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        tensor = torch.empty(2, 6)
        view = remembered.run(ATEN.view.default, (tensor, [3, 4]), {})
        assert view.untyped_storage()._cdata == tensor.untyped_storage()._cdata
        written = remembered.run(ATEN.relu_.default, (tensor,), {})
        assert written is tensor
        assert isinstance(mode.from_tensor(torch.ones(2)), FakeTensor)
        with torch.utils._python_dispatch._disable_current_modes():
            real = torch.ones(2, 6)
        remembered.run(ATEN.add.Tensor, (tensor, real), {})
    assert not remembered._results


def test_no_more_is_kept_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 3)
    with FakeTensorMode():
        for size in range(1, 9):
            remembered.run(ATEN.relu.default, (torch.empty(size),), {})
            assert len(remembered._results) <= 3


def test_detached_is_what_torch_detaches() -> None:
    with FakeTensorMode():
        tensor = torch.empty(2, 6, requires_grad=True)[:, 1:4]
        assert isinstance(tensor, FakeTensor)
        found, wanted = remembered.detach(tensor), tensor.detach()
        assert facts(found) == facts(wanted)
        assert found.storage_offset() == wanted.storage_offset() == 1
        assert found.untyped_storage()._cdata == tensor.untyped_storage()._cdata
        assert not found.requires_grad
        assert type(found) is FakeTensor
