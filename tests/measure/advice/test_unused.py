from __future__ import annotations

import torch
from tests.measure.advice.support import find, find_in, read_numbers
from torch import Tensor, nn


class Forgetful(nn.Module):
    """Much of what it has it never calls."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8))
        self.rows = nn.ModuleList([nn.Linear(2, 2), nn.Conv2d(4, 4, 1), nn.Dropout()])
        self.by_hand = nn.Linear(4, 5)
        self.loss, self.nothing, self.empty = nn.CrossEntropyLoss(), nn.Identity(), nn.ModuleList()

    def forward(self, input: Tensor) -> Tensor:
        maps: Tensor = self.rows[1](self.conv(input))
        return nn.functional.linear(maps.mean((2, 3)), self.by_hand.weight, self.by_hand.bias)


def test_what_gets_no_gradient() -> None:
    module = Forgetful()
    module(torch.rand(2, 3, 8, 8)).sum().backward()
    idle = {name for name, parameter in module.named_parameters() if parameter.grad is None}
    findings = find_in("unused-module", module)
    assert [finding.layer for finding in findings] == ["head", "rows.0"]
    named = {name for finding in findings for name in idle if name.startswith(f"{finding.layer}.")}
    assert named == idle
    for finding in findings:
        own = sum(parameter.numel() for parameter in module.get_submodule(finding.layer).parameters())
        assert read_numbers(finding.figure) == [own]


def test_a_parameter_of_the_network_itself() -> None:
    """A bare parameter that nothing reads belongs to no part that was left out."""

    class Bare(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.scale = nn.Conv2d(3, 4, 3), nn.Parameter(torch.ones(4))

        def forward(self, input: Tensor) -> Tensor:
            output: Tensor = self.conv(input)
            return output

    assert not find_in("unused-module", Bare())
    (finding,) = find_in("unused-parameter", Bare())
    assert (finding.layer, read_numbers(finding.figure)) == ("", [4])
    assert not find_in("unused-parameter", Forgetful())


def test_a_module_called_only_in_training() -> None:
    class Auxiliary(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.aux = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1)

        def forward(self, input: Tensor) -> Tensor | tuple[Tensor, Tensor]:
            maps = self.conv(input)
            return (maps, self.aux(maps)) if self.training else maps

    assert not find_in("unused-module", Auxiliary())
    (finding,) = find_in("unused-module", Auxiliary().eval())
    assert finding.layer == "aux"
    assert "eval mode" in finding.reason


def test_everything_called() -> None:
    assert not find("unused-module", "conv3-4, bn, relu, add[conv3-4 | ], gap, flatten, fc-classes")
    assert not find("unused-parameter", "conv3-4, bn, relu, add[conv3-4 | ], gap, flatten, fc-classes")
    assert not find_in("unused-parameter", nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (5, 8))
    assert not find_in("unused-parameter", nn.LSTM(4, 4, 2, batch_first=True), (5, 4))
    assert not find_in("unused-module", nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (5, 8))
