from __future__ import annotations

import re

import pytest
import torch

from striate.errors import NetShapeError, NotationError
from striate.nets import list_layers, parse, place
from striate.nets.build import make_module

WRONG = [
    ("conv3-4, taps", "1:10: taps1 (`taps`) on 4x8x8: found no `tap[...]` before it"),
    ("tap[conv3-4], taps, taps", "1:21: taps2 (`taps`) on 4x8x8: found no `tap[...]`"),
    ("tap[conv3-4]", "1:1: found a `tap[...]` whose sum nothing yields"),
    ("tap[conv3-4], tap[conv3-5], taps", "1:15: tap2: this tap gives 5x8x8, those before it 4x8x8"),
    ("aux[conv3-3], gap", "1:1: this side head gives 3x8x8, the network 3x1x1"),
    ("relu, aux[aux[conv3-4], conv3-4], conv3-4", "1:11: found an `aux[...]` inside another"),
    ("aux[tap[conv3-4]], conv3-3", "1:5: found a `tap[...]` whose sum nothing yields"),
    ("tap[relu], aux[taps], taps", "1:16: taps1 (`taps`) on 3x8x8: found no `tap[...]`"),
    ("maxpool2, conv3-2, unpool", "the maxpool that it undoes gave 3x4x4, needed the same here"),
    ("maxpool2, maxpool2 dilation=2, unpool, unpool", "which a dilated pool can't have"),
    ("unpool", "1:1: found an `unpool` without a `maxpool`"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_does_not_fit(text: str, said: str) -> None:
    with pytest.raises(NotationError, match=re.escape(said)) as caught:
        place(parse(text), (3, 8, 8))
    assert str(caught.value).splitlines()[1].strip() == text


def test_a_mismatch_is_a_mismatch_of_shapes() -> None:
    with pytest.raises(NetShapeError):
        place(parse("tap[conv3-4], tap[conv3-5], taps"), (3, 8, 8))


GOOD = [
    ("tap[conv3-4/2], conv3-5, tap[conv1-4/2], taps", (3, 8, 8)),
    ("[add[tap[conv1-6], conv3-3 | ]]*3, taps, conv3-2", (3, 9)),
    ("maxpool2, conv3-3, maxpool3/2 pad=1, unpool, unpool", (3, 9, 11)),
    ("cat[ | maxpool2, unpool], maxpool2x1 ceil=yes, unpool", (2, 5, 5)),
    ("conv3-4, aux[gap, flatten, fc-7], maxpool2, gap, flatten, fc-7", (1, 6, 6, 6)),
    ("tap[relu], aux[tap[relu], taps], conv1-2, taps", (2, 6)),
]


@pytest.mark.parametrize(("text", "shape"), GOOD)
def test_shapes_are_those_of_the_module(text: str, shape: tuple[int, ...]) -> None:
    net = parse(text)
    placed = place(net, shape)
    module = make_module(net, shape)
    seen: dict[str, tuple[int, ...]] = {}
    for path, part in module.named_modules():
        part.register_forward_hook(
            lambda _, inputs, output, path=path: seen.update({path: output.shape[1:] if path else ()})
        )
    output = module(torch.randn(2, *shape))
    main = output[0] if isinstance(output, tuple) else output
    assert main.shape[1:] == placed[-1].output
    assert {path: tuple(seen[path]) for path, _ in list_layers(placed)} == {
        path: part.output for path, part in list_layers(placed)
    }
    assert sum(part.parameters for _, part in list_layers(placed)) == sum(p.numel() for p in module.parameters())
