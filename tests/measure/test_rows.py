"""Which operations are rows, and that every figure is charged once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.measure.measurement import measure
from striate.measure.table import Table
from striate.nets import find_net
from striate.nets.build import make_module


class Call(nn.Module):
    def __init__(self, function: Callable[..., Tensor], *parts: nn.Module) -> None:
        super().__init__()
        self.function, self.parts = function, nn.ModuleList(parts)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, *self.parts)


def kinds(table: Table) -> list[tuple[str, str]]:
    return [(row.name, row.kind) for row in table.rows]


def test_a_module_without_children_that_computes_once_is_one_row() -> None:
    """Linear transposes its weight, MaxPool1d adds an axis and takes it away: views that belong to the row."""
    module = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(6, 2))
    table = measure(module, (1, 8))
    assert kinds(table) == [("0", "conv"), ("1", "relu"), ("2", "maxpool"), ("3", "flatten"), ("4", "fc")]
    assert [row.output for row in table.rows] == [(2, 6), (2, 6), (2, 3), (6,), (2,)]
    assert table.status == "exact"


def test_functional_calls_are_rows_of_the_module_that_makes_them() -> None:
    table = measure(Call(lambda x: F.relu(F.conv2d(x, torch.ones(4, 3, 3, 3))) + 1), (3, 8, 8))
    assert kinds(table) == [("", "conv"), ("", "relu"), ("", "add")]
    assert table.parameters == 0
    assert table.multiplies == 4 * 3 * 9 * 36


def test_a_module_used_twice_has_its_parameters_once() -> None:
    table = measure(Call(lambda x, conv: conv(conv(x)), nn.Conv2d(3, 3, 3, padding=1)), (3, 8, 8))
    assert [(row.parameters, row.multiplies) for row in table.rows] == [(84, 5184), (0, 5184)]


def test_shared_parameters_are_counted_once() -> None:
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    table = measure(nn.Sequential(first, second), (4,))
    assert [row.parameters for row in table.rows] == [20, 4]
    assert table.parameters == sum(parameter.numel() for parameter in nn.Sequential(first, second).parameters())


def test_parameters_that_nothing_uses_close_the_table() -> None:
    table = measure(Call(lambda x, used, unused: used(x), nn.Conv1d(1, 1, 3), nn.Linear(5, 6)), (1, 8))
    assert (table.rows[-1].name, table.rows[-1].kind, table.rows[-1].parameters) == ("parts.1", "unused", 36)
    assert table.parameters == 4 + 36


def test_a_parameter_that_is_cast_or_normalised_first_is_charged_all_the_same() -> None:
    module = Call(lambda x, conv: F.conv1d(x, conv.weight / conv.weight.norm(), conv.bias), nn.Conv1d(1, 2, 3))
    assert measure(module, (1, 8)).parameters == 8


@pytest.mark.parametrize(("name", "shape"), [("resnet18", (3, 32, 32)), ("unet", (1, 32)), ("vgg11", (3, 32, 32, 32))])
def test_sums_are_totals(name: str, shape: tuple[int, ...]) -> None:
    module = make_module(find_net(name), shape, 10, device="meta")
    table = measure(module, shape, 2)
    assert table.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert table.multiplies == sum(row.multiplies for row in table.rows)
    assert table.status == "exact"
    trained = [row for row in table.rows if row.multiplies]
    assert all(row.backward_multiplies is not None for row in table.rows)
    assert all(row.backward_multiplies == 2 * row.multiplies for row in trained[1:])
    assert trained[0].backward_multiplies == trained[0].multiplies, "the first layer's input takes no gradient"


class Recorder:
    """What autograd keeps in a real run: its memory by address, each once."""

    def __init__(self, module: nn.Module, x: Tensor) -> None:
        self.seen: dict[int, int] = {}
        own = {tensor.untyped_storage().data_ptr() for tensor in (*module.parameters(), *module.buffers(), x)}
        with torch.autograd.graph.saved_tensors_hooks(lambda tensor: self.keep(tensor, own), lambda tensor: tensor):
            self.output = module(x)

    def keep(self, tensor: Tensor, own: set[int]) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            self.seen[storage.data_ptr()] = storage.nbytes()
        return tensor


@pytest.mark.parametrize(
    ("name", "shape", "batch"),
    [("lenet5", (1, 28, 28), 3), ("resnet18", (3, 32, 32), 2), ("unet", (1, 32, 32), 2), ("mlp", (1, 8, 8), 4)],
)
def test_saved_bytes_are_those_that_a_real_run_keeps(name: str, shape: tuple[int, ...], batch: int) -> None:
    module = make_module(find_net(name), shape, 10)
    real = Recorder(module, torch.randn(batch, *shape))
    assert measure(module, shape, batch).saved_bytes == sum(real.seen.values())


def test_dropout_keeps_its_mask() -> None:
    module = nn.Sequential(nn.Conv1d(1, 4, 3), nn.Dropout(0.5), nn.Flatten(), nn.Linear(24, 2))
    real = Recorder(module, torch.randn(3, 1, 8))
    assert measure(module, (1, 8), 3).saved_bytes == sum(real.seen.values())


def test_rows_follow_the_modules_mode() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Dropout(), nn.Linear(4, 2))
    assert [row.kind for row in measure(module, (4,)).rows] == ["fc", "dropout", "fc"]
    assert [row.kind for row in measure(module.eval(), (4,)).rows] == ["fc", "fc"]


def test_an_unknown_operation_is_named() -> None:
    table = measure(Call(lambda x: torch.linalg.inv(x)), (3, 3))
    assert "no rule for aten.linalg_inv_ex" in table.status
    assert table.status.startswith("partial: ")
    assert "(1x)" in table.status
