"""Which parameters a value is, against the numbers: what is made of one without arithmetic holds its numbers alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from striate.measure.operation import Operation, Value
from striate.measure.sharing import find_owners
from striate.measure.trace import trace

Make = Callable[["Holding", Tensor], Tensor]


class Holding(nn.Module):
    """Two parameters and a buffer, no number of which stands in another; gives what `make` makes of them."""

    weight: nn.Parameter
    kept: Tensor

    def __init__(self, make: Make) -> None:
        super().__init__()
        self.make = make
        self.weight = nn.Parameter(torch.arange(6.0).reshape(2, 3) + 10)
        self.bias = nn.Parameter(torch.arange(3.0) + 20)
        self.register_buffer("kept", torch.arange(3.0) + 30)

    def forward(self, input: Tensor) -> Tensor:
        return self.make(self, input)


CASES: dict[str, Make] = {
    "transposed": lambda net, x: net.weight.t(),
    "a row": lambda net, x: net.weight[1],
    "every other": lambda net, x: net.bias[::2],
    "spread": lambda net, x: net.bias.expand(4, 3),
    "cast": lambda net, x: net.weight.double(),
    "cast and back": lambda net, x: net.weight.double().float(),
    "copied": lambda net, x: net.bias.clone(),
    "laid out anew": lambda net, x: net.weight.t().contiguous(),
    "many steps": lambda net, x: net.weight.t().contiguous()[1].unsqueeze(0).double(),
    "scaled": lambda net, x: net.weight * 2,
    "scaled, then a view": lambda net, x: (net.weight * 2).t(),
    "both": lambda net, x: net.weight + net.bias,
    "a buffer": lambda net, x: net.kept.clone(),
    "the input": lambda net, x: x.view(-1),
    "the input with a parameter": lambda net, x: x + net.bias,
}


@pytest.mark.parametrize("name", CASES)
def test_an_owner_holds_all_the_numbers_of_what_it_owns(name: str) -> None:
    net, x = Holding(CASES[name]), torch.arange(3.0)[None] + 0.5
    numbers = set(net(x).flatten().tolist())
    expected = [path for path, held in net.named_parameters() if numbers <= set(held.flatten().tolist())]
    found = find_owners(trace(net, (3,)).outputs[0])
    assert [owner.name for owner in found] == expected


def test_what_holds_data_beside_a_parameter_is_no_parameters() -> None:
    def mix(net: Holding, x: Tensor) -> Tensor:
        return torch.cat([net.bias, x.view(-1)])

    traced = trace(Holding(mix), (3,))
    (joined,) = (operation for operation in traced.operations if operation.name == "cat")
    assert [len(find_owners(value)) for value in joined.inputs] == [1, 0]
    assert find_owners(traced.outputs[0]) == ()


def test_a_value_of_no_operation_is_an_owner_only_as_a_parameter() -> None:
    traced = trace(Holding(lambda net, x: x + net.bias + net.kept), (3,))
    loose = [value for operation in traced.operations for value in operation.inputs if value.maker is None]
    assert {value.origin for value in loose} == {"input", "parameter", "buffer"}
    for value in loose:
        assert find_owners(value) == ((value,) if value.origin == "parameter" else ())


def test_a_copy_over_something_else_belongs_to_nobody() -> None:
    parameter, data = (Value((3,), (1,), "float32", 4, 0, origin=origin) for origin in ("parameter", "input"))
    for sources in ((parameter, parameter), (parameter, data), (data, parameter), (data, data)):
        made = Value((3,), (1,), "float32", 4, 1)
        made.maker = Operation(0, "aten.copy.default", sources, {}, (made,), "", 0)
        assert find_owners(made) == (sources if data not in sources else ())
