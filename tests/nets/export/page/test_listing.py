from __future__ import annotations

import pytest
import torch
from tests.nets.export.modules import Masked, make_subject
from torch import Tensor, nn
from torch.export import export

import striate
from striate.errors import InputError
from striate.nets.export.page.layers import list_layers
from striate.nets.export.page.listing import Ref, list_steps
from striate.nets.export.page.program import run_program, write_program
from striate.nets.export.page.weights import pack, unpack


class Tabled(nn.Module):
    """A table of indices that depends on no input, and a weight that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        table = torch.arange(3, -1, -1).abs()
        result: Tensor = self.fc(self.fc(x)[:, table])
        return result


def test_what_depends_on_no_input_is_worked_out_and_stored_once() -> None:
    module = Tabled().eval()
    listing = list_steps(export(module, (torch.randn(1, 4),), strict=False))
    assert [step.name for step in listing.steps] == ["mm", "index", "mm"]
    stored = list(listing.constants.values())
    assert sorted(tuple(each.shape) for each in stored) == [(4,), (4, 4)]
    (weight,) = [each for each in stored if each.dim() == 2]
    torch.testing.assert_close(weight, module.fc.weight.detach().T)
    assert listing.steps[0].arguments == (Ref(listing.input[0]), listing.steps[2].arguments[1])


def test_an_output_that_nothing_reads_has_no_number() -> None:
    module = nn.MaxPool2d(2)
    listing = list_steps(export(module, (torch.randn(1, 1, 4, 4),), strict=False))
    (step,) = listing.steps
    assert step.outputs[0][0] == listing.outputs[0]
    assert step.outputs[1][0] is None
    assert step.outputs[0][1:] == ("float32", (1, 1, 2, 2))


def test_a_written_program_runs_as_the_module_does() -> None:
    module = striate.build("conv3-4, bn, relu, kmaxpool3, flatten, fc-2", input=(2, 6, 5)).eval()
    x = torch.randn(1, 2, 6, 5)
    listing = list_steps(export(module, (x,), strict=False))
    places, content = pack(listing.constants)
    program = write_program(listing, [], places)
    (made,) = run_program(program, listing, unpack(places, content), x)
    with torch.no_grad():
        torch.testing.assert_close(made, module(x))


def test_layers_are_those_of_the_text_in_their_order() -> None:
    net = striate.read("conv3-4, relu, add[conv3-4, relu | ], flatten, fc-3")
    module = striate.build(net, input=(2, 6, 6)).eval()
    listing = list_steps(export(module, (torch.randn(1, 2, 6, 6),), strict=False))
    names = {"conv1": "conv3-4", "relu1": "relu", "add1.branch1.conv1": "conv3-4", "add1.branch1.relu1": "relu"}
    names |= {"add1": "add[ ]", "flatten1": "flatten", "fc1": "fc-3"}
    layers = list_layers(listing, module, names)
    assert [layer.name for layer in layers] == [name for name in names if name != "flatten1"]
    assert [layer.shape for layer in layers] == [(1, 4, 6, 6)] * 5 + [(1, 3)]
    assert all(first <= last for first, last in (layer.steps for layer in layers))


def test_layers_of_a_users_module_are_told_apart() -> None:
    class Reusing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(2, 2, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(self.conv(self.conv(x).transpose(1, 1))) + x

    module = Reusing().eval()
    layers = list_layers(list_steps(export(module, (torch.randn(1, 2, 5),), strict=False)), module, {})
    assert [layer.name for layer in layers] == ["conv", "conv (2)", "relu", "add"]
    assert layers[0].text.startswith("Conv1d(2, 2")


def test_several_inputs_are_refused() -> None:
    module = Masked()
    x = torch.randn(1, 1, 4)
    program = export(module, (x, x), {"bias": x}, strict=False)
    with pytest.raises(InputError, match="found 3 inputs"):
        list_steps(program)
    assert make_subject(nn.ReLU(), 3).half is False
