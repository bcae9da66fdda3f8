from __future__ import annotations

import pytest
from tests.nets.backbones.libraries import FEATURES, put_in

from striate.errors import NotationError
from striate.nets import find_net, parse, place
from striate.nets.expansion import expand
from striate.nets.tree import Layer, Name, Option
from striate.nets.words.backbone import is_backbone


def test_a_backbone_is_a_layer_with_a_name() -> None:
    net = parse("timm:resnet18.a1_in1k, torchvision:vit_b_16 weights=IMAGENET1K_SWAG_E2E_V1")
    assert net.body == (
        Layer("timm", name="resnet18.a1_in1k"),
        Layer("torchvision", name="vit_b_16", options=(Option("weights", (Name("IMAGENET1K_SWAG_E2E_V1"),)),)),
    )
    assert parse(str(net)) == net


def test_it_may_stand_anywhere() -> None:
    text = "def both(n) = cat[timm:a | torchvision:b weights=no], fc-n\n[timm:a]*2, both(3)"
    net = parse(text)
    assert parse(str(net)) == net
    assert [str(part) for part in expand(net)[:2]] == ["timm:a", "timm:a"]


@pytest.mark.parametrize("name", ["timm:resnet18", "torchvision:resnet18"])
def test_its_name_alone_has_a_head(name: str) -> None:
    net = find_net(name)
    assert net == parse(f"{name}, fc-classes")
    assert net.source == name
    assert is_backbone(name)


@pytest.mark.parametrize(
    "text", ["timm", "timm:", "timm:.a", "timm: a", "kimm:a", "timm:a weights=no", "torchvision.models:a"]
)
def test_what_is_not_a_name_alone(text: str) -> None:
    assert not is_backbone(text)


@pytest.mark.parametrize(
    ("text", "said", "column"),
    [
        ("relu, timm", "`timm` has no name, needed one, such as `timm:resnet18`", 7),
        ("timm3", "`timm` has no name", 1),
        ("timm:a-64", "found `-`", 7),
        ("timm:a pretrained=no", "unknown option `pretrained=` on `timm`, needed one of `weights=`", 8),
        ("timm:a weights=no weights=no", "`weights=` stands twice", 19),
        ("def timm = relu\ntimm", "`timm` is a word of the notation", 5),
    ],
)
def test_what_can_not_be_read(text: str, said: str, column: int) -> None:
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert said in caught.value.problem
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("timm:a weights=IMAGENET1K_V1", "yes or no"),
        ("timm:a weights=1", "yes or no"),
        ("torchvision:a weights=1", "yes, no, or a name such as IMAGENET1K_V1"),
        ("torchvision:a weights=yesxno", "torchvision has no such network"),
    ],
)
def test_weights_are_said_by_a_word(monkeypatch: pytest.MonkeyPatch, text: str, needed: str) -> None:
    put_in(monkeypatch)
    with pytest.raises(NotationError, match=needed):
        place(parse(text), (3, 8, 8))


def test_shapes_and_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(monkeypatch)
    placed = place(find_net("timm:tiny"), (3, 24, 24), 5)
    assert [(part.name, part.text, part.output) for part in placed] == [
        ("timm1", "timm:tiny", (FEATURES,)),
        ("fc1", "fc-5", (5,)),
    ]
    convolutions, norm = (3 * 9 * 4 + 4) + (4 * 9 * FEATURES + FEATURES), 2 * 4
    assert placed[0].parameters == convolutions + norm
