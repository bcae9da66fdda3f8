from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.verbs.draw import Finished
from torch import Tensor, nn

import striate
from striate.errors import InputError, NotationError

TEXT = "conv3-8/2, bn, relu, gap, flatten, fc-classes"
HAND = {"parameters": 3 * 8 * 9 + 2 * 8 + 8 * 5 + 5, "multiplies": 3 * 8 * 9 * 4 * 4 + 8 * 5}


def count(table: Any) -> dict[str, int]:
    return {name: getattr(table, name) for name in HAND}


def test_a_text_a_tree_a_file_and_the_built_module_measure_alike(tmp_path: Path) -> None:
    file = tmp_path / "mine.net"
    file.write_text(TEXT)
    tables = [
        striate.measure(TEXT, (3, 8, 8), classes=5),
        striate.measure(striate.read(TEXT), (3, 8, 8), classes=5),
        striate.measure(str(file), (3, 8, 8), classes=5),
        striate.measure(file, (3, 8, 8), classes=5),
        striate.measure(striate.build(TEXT, (3, 8, 8), classes=5), (3, 8, 8)),
    ]
    assert all(table.rows == tables[0].rows for table in tables)
    assert [table.network for table in tables] == ["text", "text", "mine", "mine", "Sequential"]
    assert [count(table) for table in tables] == [HAND] * 5


def test_the_call_of_the_design() -> None:
    module = nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU())
    table = striate.measure(module, input=(1, 28, 28), batch=1)
    assert table.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert table.multiplies == 24 * 24 * 4 * 25
    assert [row.output for row in table.rows] == [(4, 24, 24)] * 2


def test_the_input_comes_from_the_text_unless_it_is_given() -> None:
    text = f"input 3x8x8\n{TEXT}"
    assert striate.measure(text, classes=5).input == ((3, 8, 8),)
    given = striate.measure(text, (2, 10, 12), classes=5)
    assert given.input == ((2, 10, 12),)
    assert given.rows[0].output == (8, 5, 6)


def test_a_tensor_gives_its_shape_and_its_batch() -> None:
    for network in (TEXT, striate.build(TEXT, (3, 8, 8), classes=5)):
        table = striate.measure(network, torch.zeros(4, 3, 8, 8), classes=5)
        assert (table.batch, table.input) == (4, ((3, 8, 8),))
        assert table.multiplies == 4 * HAND["multiplies"]


@pytest.mark.parametrize("batch", [2, 3])
def test_figures_are_for_the_whole_batch(batch: int) -> None:
    table = striate.measure(TEXT, (3, 8, 8), batch, 5)
    assert table.multiplies == batch * HAND["multiplies"]
    assert table.parameters == HAND["parameters"]


def test_nothing_of_the_module_is_changed() -> None:
    module = striate.build(TEXT, (3, 8, 8), classes=5).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    striate.measure(module, (3, 8, 8), 2)
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())


def test_several_inputs_and_keywords() -> None:
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1, bias=False)

        def forward(self, x: Tensor, mask: Tensor) -> Tensor:
            result: Tensor = self.conv(x) * mask
            return result

    shapes = ((3, 4, 4), (1, 4, 4))
    listed = striate.measure(Masked(), list(shapes))
    named = striate.measure(Masked(), dict(zip(("x", "mask"), shapes, strict=True)))
    assert listed.rows == named.rows
    assert listed.input == shapes
    assert listed.multiplies == 12 * 16


def test_a_large_network_takes_no_memory() -> None:
    wide = striate.measure("input 4096x64x64\nconv3-100000, conv3-100000")
    assert wide.parameters == 4096 * 100_000 * 9 + 100_000 * 100_000 * 9 + 200_000


def test_without_the_backward_pass_nothing_of_training_is_known() -> None:
    table = striate.measure(TEXT, (3, 8, 8), 2, 5, backward=False)
    assert (table.training, table.backward_multiplies, table.saved_bytes) == (None, None, None)
    assert table.multiplies == 2 * HAND["multiplies"]


def test_more_state_of_the_optimizer_takes_more() -> None:
    takes = []
    for optimizer in ("sgd", "momentum", "adam"):
        training = striate.measure(TEXT, (3, 8, 8), 2, 5, optimizer=optimizer).training
        assert training is not None
        takes.append(training.optimizer)
    assert takes[0] == 0
    assert takes[1] == 4 * HAND["parameters"]
    assert takes[2] >= 2 * takes[1]


def test_missing_classes_are_asked_for() -> None:
    with pytest.raises(NotationError, match="classes"):
        striate.measure("lenet5")


@pytest.mark.parametrize(
    ("network", "input", "part"),
    [
        (nn.ReLU(), None, "ReLU: found no input"),
        (TEXT, None, "input"),
        (TEXT, (), "needed one shape"),
        (TEXT, (3, 0, 8), "needed one shape"),
        (TEXT, [(3, 8, 8), (3, 8, 8)], "needed one shape"),
        (TEXT, {"x": (3, 8, 8)}, "needed one shape"),
        (TEXT, "3x8x8", "needed one shape"),
        (TEXT, torch.zeros(4), "needed one shape"),
        ("lenet55", (1, 28, 28), "lenet5"),
        (7, (1, 28, 28), "found int"),
        (nn.Conv2d(3, 4, 3), (1, 8, 8), "3 channels"),
        (nn.Conv2d(3, 4, 3), 5, "needed channels x extents"),
    ],
)
def test_what_cannot_be_measured_is_one_line(network: Any, input: Any, part: str) -> None:
    with pytest.raises(InputError) as caught:
        striate.measure(network, input, classes=5)
    assert part in str(caught.value).splitlines()[0]
    assert isinstance(caught.value, NotationError) or "\n" not in str(caught.value)


def test_a_run_is_measured_with_its_own_input_and_classes(finished: Finished) -> None:
    run = finished.run
    tables = [striate.measure(run), striate.measure(str(run.path)), striate.measure(run.path, run.input)]
    assert all(table.rows == tables[0].rows for table in tables)
    assert tables[0].parameters == sum(parameter.numel() for parameter in run.module.parameters())
    assert tables[0].network == run.path.name
    assert tables[0].rows[-1].output == (len(run.classes),)
