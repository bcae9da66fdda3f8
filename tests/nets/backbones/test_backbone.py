from __future__ import annotations

import pytest
import torch
from tests.nets.backbones.libraries import FEATURES, TRAINED, Ramp, Trunk, put_in

from striate.errors import NotationError
from striate.nets import parse, place
from striate.nets.backbones import find_demands, inspect_backbone, make_backbones, make_stand_in
from striate.nets.build import make_module
from striate.nets.words.word import Plain

NAMES = ["timm:tiny", "timm:tinyvit_16", "torchvision:resnet2", "torchvision:vit_t_4", "torchvision:regnet_t"]


def make_plain(text: str, **options: object) -> Plain:
    word, _, name = text.partition(":")
    return Plain(word, name=name, options=options)


@pytest.fixture(autouse=True)
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(monkeypatch)


@pytest.mark.parametrize("text", NAMES)
def test_features_and_parameters_are_those_of_the_real_module(text: str) -> None:
    plain = make_plain(text)
    shape = find_demands(plain).input
    found = inspect_backbone(plain, shape)
    (module,) = make_backbones([plain], 0, pretrained=True)
    assert module.eval()(torch.rand(1, *shape)).shape == (1, found.features)
    assert sum(parameter.numel() for parameter in module.parameters()) == found.parameters
    assert found.depth == sum(
        hasattr(layer, "in_features") or hasattr(layer, "kernel_size") for layer in module.modules()
    )


def test_norms_are_seen() -> None:
    assert inspect_backbone(make_plain("timm:tiny"), (3, 9, 9)).normalised
    assert not inspect_backbone(make_plain("timm:plain"), (3, 9, 9)).normalised


@pytest.mark.parametrize("text", NAMES)
def test_a_stand_in_has_every_layer_and_no_numbers(text: str) -> None:
    (module,) = make_backbones([make_plain(text)], 0, pretrained=False)
    stand_in = make_stand_in(make_plain(text))
    shapes, others = ({k: v.shape for k, v in each.state_dict().items()} for each in (module, stand_in))
    assert shapes == others
    assert all(value.is_meta for value in stand_in.state_dict().values())


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("timm:tiny", (1, 24, 24), "needed 3 channels and 2 spatial axes, such as 3x24x24. Bring the input to them"),
        ("timm:tiny", (3, 24), "needed 3 channels and 2 spatial axes"),
        ("timm:tiny_grey", (3, 24, 24), "needed 1 channels and 2 spatial axes"),
        ("torchvision:r2_video", (3, 24, 24), "needed 3 channels and 3 spatial axes, such as 3x5x12x12"),
        ("timm:tiny", (3, 2, 2), "timm refuses it (Calculated padded input size per channel: (2 x 2)."),
        ("timm:tiny", (3, 2, 2), "Give a larger input, such as 3x24x24"),
        (
            "timm:tinyvit_16",
            (3, 20, 20),
            "(Wrong image height! Expected 16 but got 20!), needed what it was made for. Give 3x16x16",
        ),
        ("timm:mapped", (3, 24, 24), "it gives 4x22x22, needed flat features. Use another network"),
        ("timm:tinny", (3, 24, 24), "Did you mean `timm:tiny`"),
        ("torchvision:headless", (3, 24, 24), "found no classifier to take off"),
    ],
)
def test_what_does_not_go_is_said_in_one_line_at_its_place(text: str, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(NotationError) as caught:
        place(parse(f"dropout p=0.1, {text}, fc-3"), shape)
    assert said in caught.value.problem
    assert "\n" not in caught.value.problem
    assert caught.value.column == 16


def test_random_weights_are_drawn_from_the_seed_alone() -> None:
    plains = [make_plain("timm:tiny", weights=False), make_plain("timm:tiny", weights=False)]
    before = torch.get_rng_state()
    first, second = make_backbones(plains, 5, pretrained=True)
    torch.rand(7)
    again, _ = make_backbones(plains, 5, pretrained=True)
    other, _ = make_backbones(plains, 6, pretrained=True)
    weights = [next(module.parameters()) for module in (first, second, again, other)]
    assert torch.equal(weights[0], weights[2])
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[3])
    torch.set_rng_state(before)
    list(make_backbones(plains, 5, pretrained=True))
    inspect_backbone(make_plain("torchvision:regnet_t"), (3, 30, 30))
    assert torch.equal(torch.get_rng_state(), before)


def test_build_puts_trained_weights_in() -> None:
    net = parse("conv1-3, timm:tiny, fc-2")
    built = make_module(net, (1, 12, 12), seed=4)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(TRAINED)
        trained = Trunk()
    backbone = built.get_submodule("timm1")
    for name, value in trained.state_dict().items():
        assert torch.equal(backbone.state_dict()[name], value)
    assert torch.equal(built.eval()(torch.rand(2, 1, 12, 12)).isfinite(), torch.ones(2, 2, dtype=torch.bool))


def test_build_leaves_a_backbone_to_its_own_constructor() -> None:
    """Neither the house's initialisation nor uninitialised memory gets in, and computed buffers are there."""
    built = make_module(parse("timm:tiny weights=no, fc-2"), (3, 12, 12), seed=4)
    (alone,) = make_backbones([make_plain("timm:tiny", weights=False)], 4, pretrained=False)
    backbone = built.get_submodule("timm1")
    for name, value in alone.state_dict().items():
        assert torch.equal(backbone.state_dict()[name], value)
    (ramp,) = (layer for layer in backbone.modules() if isinstance(layer, Ramp))
    assert torch.equal(ramp.ramp.flatten(), torch.linspace(0.5, 1.5, 4))
    assert built.training
    assert backbone.training


def test_without_pretrained_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(monkeypatch, offline=True)
    for text in ("timm:tiny", "torchvision:resnet2"):
        net = parse(f"{text}, fc-2")
        assert make_module(net, (3, 12, 12), pretrained=False).get_submodule("fc1").weight.shape == (2, FEATURES)
        assert all(value.is_meta for value in make_module(net, (3, 12, 12), device="meta").parameters())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timm:tiny", "(ConnectionError: no route to the hub)"),
        ("torchvision:resnet2", "(OSError: <urlopen error: no such host>)"),
    ],
)
def test_a_download_that_fails_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    put_in(monkeypatch, offline=True)
    with pytest.raises(NotationError) as caught:
        make_module(parse(f"relu, {text}, fc-2"), (3, 12, 12))
    assert f"the trained weights can't be fetched {said}, needed once from the network" in caught.value.problem
    assert "write `weights=no`" in caught.value.problem
    assert caught.value.column == 7
    make_module(parse(f"{text} weights=no, fc-2"), (3, 12, 12))


def test_a_network_without_trained_weights_is_measured_but_not_begun_with() -> None:
    net = parse("timm:plain, fc-2")
    assert place(net, (3, 12, 12))[0].output == (FEATURES,)
    with pytest.raises(NotationError, match=r"timm has no trained weights of plain.*Write `timm:plain weights=no`"):
        make_module(net, (3, 12, 12))
