from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.nets.code import source
from striate.nets.lookup import find_net, list_zoo
from striate.verbs.coding import write_code
from striate.verbs.networks import adopt, build

LIGHT = {
    "airbench": None, "cs231n": None, "lenet5": None, "lenet5-1998": None, "zip1989": None, "mlp": None,
    "allconv": None, "resnet20-cifar": None, "nin": (3, 32, 32), "m5": (1, 4000), "wavenet-small": (1, 300),
    "dcgan-generator": None,
    "resnet18": (3, 64, 64), "resnet50": (3, 64, 64), "densenet121": (3, 32, 32), "squeezenet1.1": (3, 64, 64),
    "mobilenetv2": (3, 32, 32), "unet": (1, 32, 32), "unet-2015": (1, 188, 188), "segnet": (3, 32, 32),
    "googlenet-tv": (3, 64, 64), "resnext50": (3, 32, 32), "preresnet18": (3, 32, 32), "googlenet": (3, 224, 224),
}  # fmt: skip


def run_code(text: str, shape: tuple[int, ...] | None = None) -> nn.Module:
    space: dict[str, Any] = {}
    exec(compile(write_code(find_net(text).text, shape, 5), "net.py", "exec"), space)
    module = space["Net"]()
    assert isinstance(module, nn.Module)
    return module


def compare(text: str, shape: tuple[int, ...] | None = None, batch: int = 2, *, whole: bool = False) -> None:
    built = build(text, shape, 5, seed=3)
    coded = run_code(text, shape)
    assert [tuple(each.shape) for each in coded.state_dict().values()] == [
        tuple(each.shape) for each in built.state_dict().values()
    ]
    adopt(coded, {f"{number}.{name}": value for number, (name, value) in enumerate(built.state_dict().items())})
    extents = shape or find_net(text).input or ()
    generator = torch.Generator().manual_seed(1)
    inputs = torch.rand(batch, *extents, generator=generator)
    inputs = (inputs * 9).floor() if whole else inputs
    with torch.no_grad():
        assert torch.allclose(built.eval()(inputs), coded.eval()(inputs), atol=1e-5)
        if not any(isinstance(each, nn.Dropout) for each in built.modules()):
            for wanted, found in zip(_list(built.train()(inputs)), _list(coded.train()(inputs)), strict=True):
                assert torch.allclose(wanted, found, atol=1e-4)


def _list(output: Any) -> list[torch.Tensor]:
    return list(output) if isinstance(output, tuple) else [output]


@pytest.mark.parametrize("name", LIGHT)
def test_the_code_of_a_classic_computes_what_the_built_module_computes(name: str) -> None:
    compare(name, LIGHT[name], whole=name.startswith("wavenet"))


@pytest.mark.parametrize("name", sorted({*list_zoo()} - {*LIGHT}))
def test_the_code_of_the_others_can_be_run(name: str) -> None:
    compile(write_code(find_net(name).text, None, 5), name, "exec")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("conv4-3, conv3-4 pad=causal mode=replicate, conv2-2 fill=-1", (2, 12)),
        ("conv4x3-3/2x1 pad=0:1x1 dilation=1x2, avgpool3/2 pad=1 count=no, maxpool2 ceil=yes", (2, 13, 11)),
        ("conv3-4 groups=2 mode=circular, gn groups=2, deconv3-4/2, deconv2-2/3 pad=valid", (2, 4, 5, 6)),
        ("deconv4-3/2 pad=causal, deconv2-3/3, conv1-2", (2, 5)),
        ("ln, scale, scale by=-0.5, scale init=0.1 bias=no, lrn3 alpha=0.1, maxout2, kmaxpool3", (4, 8)),
        ("upsample2 mode=linear, upsample2, pixelshuffle2x1, crop1x2, channelshuffle groups=2, softmax", (4, 4, 5)),
        ("depthwise5, bn eps=1e-3 momentum=0.2, gelu, silu, relu6, sigmoid, gmp, flatten, fc-3 bias=no", (4, 6, 6)),
        ("local3-4, conv3-6 table=110x011x101, conv3-2 bias=cell", (3, 6, 6)),
        ("tap[conv1-3], add[conv3-2, tap[conv1-3 bias=no] | ], taps, conv1-2", (2, 9)),
        ("aux[gap, flatten, fc-3], conv3-4, aux[gap, flatten, fc-3] weight=0.1, gap, flatten, fc-3", (2, 9)),
        ("maxpool2, conv3-2, maxpool2, unpool, conv3-2, unpool", (2, 8, 8)),
        ("def for1 = conv1-2, relu\nfor1*3, mul[ | gap, conv1-2, sigmoid]", (2, 8)),
    ],
)  # fmt: skip
def test_every_word_s_code_computes_what_the_built_module_computes(text: str, shape: tuple[int, ...]) -> None:
    compare(text, shape)


def test_an_embedding_takes_whole_numbers() -> None:
    compare("embed9-4, conv3-5, gap, flatten, fc-classes", (1, 12), whole=True)


@pytest.mark.parametrize("seed", range(12))
def test_random_nests_compute_the_same(seed: int) -> None:
    draw = random.Random(seed)

    def write_row(depth: int) -> str:
        return ", ".join(write_item(depth) for _ in range(draw.randint(1, 3)))

    def write_item(depth: int) -> str:
        if not depth or draw.random() < 0.4:
            return draw.choice(["conv3-4", "relu", "bn", "f", "maxpool3/1 pad=1"])
        inner = write_row(depth - 1)
        return draw.choice(
            [f"[{inner}]*2", f"add[{inner}, conv1-4 | ]", f"cat[ | {inner}], conv1-4", f"mul[{inner} | sigmoid]"]
        )

    compare(f"def g(n) = conv3-n, bn, relu\ndef f = add[g(4)*2 | ], tanh\n{write_row(3)}", (4, 7))


def test_what_torch_can_not_undo_is_said() -> None:
    with pytest.raises(InputError, match="unpooling"):
        write_code("maxpool3/2, unpool", (2, 9))


def test_a_definition_is_a_class_and_a_repetition_one_line() -> None:
    code = write_code(find_net("resnet50").text, None, 10)
    assert "self.block1 = nn.Sequential(Block1(), Block1())" in code
    assert "from striate" not in code
    assert max(map(len, code.splitlines())) <= 120


def test_definitions_within_definitions_are_written_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = source._Class.write

    def listen(self: Any, name: str, row: Any, title: str) -> str:
        written.append(title)
        return write(self, name, row, title)

    monkeypatch.setattr(source._Class, "write", listen)
    inner = "".join(f"def d{depth} = d{depth - 1}, relu\n" for depth in range(1, 12))
    text = write_code(f"input 1x8x8\ndef d0 = conv3-1\n{inner}d11, relu, d11")
    assert text.count("class D") == 12
    assert len(written) == 1 + 2 * 12  # the network, and each definition for either use
