from __future__ import annotations

import pytest
from tests.measure.advice.support import Shape, find, find_in, make, measure_text, read_numbers
from torch import Tensor, nn

from striate.nets import parse
from striate.nets.repair import repair


@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 6, 7)])
@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("conv3-8, relu, flatten, fc-10", "conv3-8, relu, gap, flatten, fc-10"),
        ("conv3-8, relu\nflatten  # long\ndropout, fc-64, relu, fc-10", None),
    ],
)
def test_most_parameters_in_one_layer(text: str, repaired: str | None, shape: Shape) -> None:
    (finding,) = find("heavy-fc", text, shape)
    module = make(text, shape)
    held = module.get_parameter(f"{finding.layer}.weight").numel()
    total = sum(parameter.numel() for parameter in module.parameters())
    done = repair(parse(text), [finding], shape)
    lighter = make(done.net.text, shape).get_parameter(f"{finding.layer}.weight").numel()
    numbers = read_numbers(finding.figure)
    assert (numbers[0], numbers[1], numbers[-1]) == (held, total, lighter)
    assert done.net.text == (repaired or text.replace("flatten", "gap, flatten"))
    assert not find("heavy-fc", done.net.text, shape)
    assert measure_text(done.net.text, shape).rows[-1].output == measure_text(text, shape).rows[-1].output


@pytest.mark.parametrize(
    "text",
    [
        "flatten, fc-64, fc-10",  # nothing but such layers
        "conv3-8, relu, gap, flatten, fc-512, relu, fc-10",  # reads no map
        "conv3-64, relu, conv3-64, relu, maxpool8, flatten, fc-10",
        "conv3-8, relu, conv8-64 pad=valid, flatten, fc-2",
    ],
)
def test_parameters_elsewhere(text: str) -> None:
    assert not find("heavy-fc", text, (3, 8, 8))


class Functional(nn.Module):
    """It flattens by a function: there is no layer of its own to put another before."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3), nn.Linear(8 * 36, 10)

    def forward(self, input: Tensor) -> Tensor:
        output: Tensor = self.fc(self.conv(input).flatten(1))
        return output


def test_a_flatten_without_a_layer() -> None:
    (finding,) = find_in("heavy-fc", Functional(), (3, 8, 8))
    assert finding.layer == "fc"
    assert not finding.fix
