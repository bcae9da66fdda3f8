"""Operations as plain data."""

from __future__ import annotations

import pytest
from torch import nn

from striate.measure.operation import Operation, Value, find_values
from striate.measure.trace import trace


def make_value(*shape: int) -> Value:
    return Value(shape, (1,) * len(shape), "float32", 4, 0)


def test_values_are_found_in_nested_lists() -> None:
    values = [make_value(number) for number in range(1, 5)]
    assert list(find_values((values[0], 3, [values[1], (values[2], None)], values[3]))) == values


def test_arguments_are_got_by_place_or_name() -> None:
    operation = Operation(0, "aten.pool.default", (1, 2), {"ceil": True}, (), "", 0)
    assert [operation.get(0, "a"), operation.get(2, "ceil"), operation.get(3, "other", 7)] == [1, True, 7]


@pytest.mark.parametrize(
    ("target", "name"), [("aten.relu_.default", "relu_"), ("striate.overlay.default", "overlay"), ("odd", "odd")]
)
def test_the_name_is_without_namespace_and_overload(target: str, name: str) -> None:
    assert Operation(0, target, (), {}, (), "", 0).name == name


def test_bytes_are_counted_from_the_shape() -> None:
    module = nn.Conv2d(3, 8, 3).double()
    output = trace(module, (3, 9, 9), 2).outputs[0]
    assert output.bytes == 2 * 8 * 7 * 7 * 8
