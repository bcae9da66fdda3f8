from __future__ import annotations

import torch
from tests.measure.advice.support import make
from torch import Tensor, nn

from striate.measure.advice.flow import Flow, find_dropout, find_origin, find_weight, name_layer
from striate.measure.finding import Fix
from striate.measure.trace import trace


class Views(nn.Module):
    """A value that is read through a view, a copy and a cast, and leaves the network beside them."""

    def forward(self, input: Tensor) -> tuple[Tensor, Tensor]:
        made = input * 2
        return made.flatten(1).clone().double().float().exp(), made.transpose(1, 2)


def test_readers_are_found_through_views() -> None:
    flow = Flow(trace(Views(), (3, 4)))
    made = flow.operations[0].outputs[0]
    assert [reader.name for reader in flow.find_readers(made)] == ["exp"]
    assert flow.leaves(made)
    assert flow.find_only_reader(made) is None
    assert find_origin(flow.trace.outputs[1]) is made
    assert find_origin(flow.operations[-1].outputs[0]) is not None


def test_a_branch_has_two_readers() -> None:
    flow = Flow(trace(make("relu, add[conv3-3 | ]"), (3, 8, 8)))
    relu = flow.operations[0].outputs[0]
    assert [reader.name for reader in flow.find_readers(relu)] == ["convolution", "add"]
    assert flow.find_only_reader(relu) is None
    convolution = flow.find_readers(relu)[0]
    assert flow.find_only_reader(convolution.outputs[0]) is flow.find_readers(relu)[1]


def test_weights_are_known_through_their_views() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2), nn.Linear(2, 2, bias=False))
    flow = Flow(trace(module, (3, 3, 3)))
    named = [weight.name for each in flow.operations if (weight := find_weight(each)) is not None]
    assert named == ["0.weight", "2.weight", "3.weight"]


def test_a_product_of_data_has_no_weight() -> None:
    class Gram(nn.Module):
        def forward(self, input: Tensor) -> Tensor:
            return torch.mm(input, input.t())

    assert [find_weight(each) for each in Flow(trace(Gram(), (4,), 4)).operations if each.name == "mm"] == [None]


def test_dropouts_are_recognised_in_training_alone() -> None:
    module = nn.Sequential(nn.Dropout(0.25), nn.Dropout2d(0.5), nn.ReLU())
    for mode, wanted in (("train", [0.25, 0.5]), ("eval", [])):
        flow = Flow(trace(module, (3, 8, 8), mode=mode))  # type: ignore[arg-type]
        assert [found[1] for each in flow.operations if (found := find_dropout(each))] == wanted


def test_fixes_are_for_layers_alone() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, input: Tensor) -> Tensor:
            output: Tensor = self.conv(input).relu()
            return output

    flow = Flow(trace(nn.Sequential(Block()), (3, 8, 8)))
    convolution, relu = flow.operations
    assert flow.propose(convolution, "bias", "no") == (Fix("0.conv", "bias", "no"),)
    assert flow.propose(relu, "remove") == ()
    assert (name_layer(convolution), name_layer(Flow(trace(Views(), (3, 4))).operations[0])) == ("0.conv", "mul")
