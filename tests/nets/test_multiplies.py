from __future__ import annotations

from itertools import product

import pytest

from striate.nets.multiplies import count_multiplies
from striate.nets.notation import parse
from striate.nets.shapes import list_layers, place
from striate.nets.words.word import Plain


def count_by_hand(layer: str, shape: tuple[int, ...]) -> int:
    """Walk every output cell (every input cell of a deconv) and count its products one by one."""
    from striate.nets.build import make_module

    module = make_module(parse(layer), shape)[0]
    ((_, placed),) = list_layers(place(parse(layer), shape))
    weight = module.get_parameter("weight")
    cells = placed.input if layer.startswith("deconv") else placed.output
    total = 0
    for _ in product(*map(range, cells[1:])):
        for _channel in range(cells[0]):
            total += weight[0].numel()
    return total


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("conv3-4/2", (2, 9)),
        ("conv3x2-4 groups=2 bias=no", (6, 5, 4)),
        ("conv2-2 dilation=2 pad=valid", (3, 4, 4, 4)),
        ("depthwise3-8", (4, 5, 5)),
        ("deconv3-4/2", (2, 5)),
        ("deconv2-6/2 groups=2", (4, 3, 3)),
    ],
)
def test_the_closed_form_is_what_is_counted_one_by_one(layer: str, shape: tuple[int, ...]) -> None:
    ((_, placed),) = list_layers(place(parse(layer), shape))
    assert isinstance(placed.part, Plain)
    assert count_multiplies(placed.part, placed.input, placed.output) == count_by_hand(layer, shape)


def test_a_backbone_is_told_by_a_trace_alone() -> None:
    assert count_multiplies(Plain("timm", name="resnet18"), (3, 64, 64), (512,)) is None
