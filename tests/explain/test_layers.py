"""Which layer is read, and which can't be."""

from __future__ import annotations

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_body, make_tiny
from torch import Tensor, nn
from torch.nn import functional as F

import striate
from striate.errors import InputError
from striate.explain.layers import LAST_AXIS, choose_layer, count_calls, guess_layer, read_calls


def watch_by_hand(module: nn.Module, inputs: Tensor) -> str:
    """The last module done whose output has the input's axes and an extent above 1."""
    last = ""
    for path, part in module.named_modules():
        if path:
            part.__dict__["path"] = path

    def hook(part: nn.Module, args: object, output: Tensor) -> None:
        nonlocal last
        if "path" in vars(part) and output.ndim == inputs.ndim and max(output.shape[2:]) > 1:
            last = vars(part)["path"]

    with torch.no_grad(), nn.modules.module.register_module_forward_hook(hook):
        module(inputs)
    return last


@pytest.mark.parametrize("name", ["resnet18", "lenet5", "densenet121", "googlenet", "mobilenetv2", "squeezenet", "nin"])
def test_classics_are_read_at_the_last_layer_with_places(name: str) -> None:
    shape = {"lenet5": (1, 28, 28), "nin": (3, 32, 32), "googlenet": (3, 96, 96)}.get(name, (3, 64, 64))
    module, inputs = striate.build(name, input=shape, classes=5).eval(), torch.zeros(1, *shape)
    assert choose_layer(module, inputs) == watch_by_hand(module, inputs)


def test_of_a_stage_and_its_last_part_it_is_the_stage() -> None:
    body = make_body(2, 1)
    net = nn.Sequential(nn.ModuleDict({"in": nn.Identity()})["in"], body, nn.Flatten(), nn.LazyLinear(3))
    net(draw_inputs(2))
    assert choose_layer(net, draw_inputs(2)) == "1"
    assert guess_layer(net, 2) == "1"


class Functional(nn.Module):
    """A network whose rectifiers and pooling are no modules, and that uses one norm twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.alias = self.norm
        self.unused, self.last = nn.Conv2d(1, 1, 1), nn.Linear(4, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        middle = F.relu(self.norm(self.first(inputs)))
        return self.last(F.relu(self.norm(self.second(middle))).mean((2, 3)))  # type: ignore[no-any-return]


def test_functional_networks_are_read_at_their_last_module() -> None:
    assert choose_layer(Functional().eval(), draw_inputs(2)) == "norm"


def test_a_layer_may_be_named_by_any_of_its_paths() -> None:
    assert choose_layer(Functional().eval(), draw_inputs(2), "alias") == "norm"
    assert choose_layer(Functional().eval(), draw_inputs(2), "first") == "first"


def test_a_layer_that_is_called_more_than_once_is_noted() -> None:
    net = nn.Sequential(nn.ReLU(), nn.ReLU())
    done: list[tuple[nn.Module, object]] = [(net[0], (1, 2, 4)), (net[1], (1, 2, 4))]
    assert count_calls(net, read_calls(done, (1, 1, 8)), "0") == ()
    assert "2 times" in count_calls(net, read_calls([*done, done[0]], (1, 1, 8)), "0")[0]


@pytest.mark.parametrize(
    ("layer", "problem"),
    [
        ("nosuch", "found no `nosuch`, needed one of first"),
        ("", "found no ``"),
        ("unused", "isn't called"),
        ("last", "found an output of 1x3, needed 2 extents"),
    ],
)
def test_a_layer_that_cannot_be_read_is_refused(layer: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        choose_layer(Functional().eval(), draw_inputs(2, batch=1), layer)


def test_a_layer_without_places_is_refused() -> None:
    with pytest.raises(InputError, match="layer 5: found an output of 1x6x1x1, which has no places"):
        choose_layer(make_tiny(2).eval(), draw_inputs(2), "5")


def test_a_network_without_such_a_layer_is_refused() -> None:
    with pytest.raises(InputError, match="found no module whose output has places"):
        choose_layer(nn.Sequential(nn.Flatten(), nn.Linear(81, 3)), draw_inputs(2))


class Sequence(nn.Module):
    """Sound through a convolution, then as a sequence: channels last, until it is turned back or not."""

    def __init__(self, mixer: nn.Module, back: bool) -> None:
        super().__init__()
        self.conv, self.mixer, self.back, self.last = nn.Conv1d(1, 6, 3), mixer, back, nn.Linear(6, 2)
        self.turned = nn.Identity()

    def forward(self, inputs: Tensor) -> Tensor:
        mixed = self.mixer(self.conv(inputs).transpose(1, 2))
        mixed = mixed[0] if isinstance(mixed, tuple) else mixed
        if self.back:
            return self.last(self.turned(mixed.transpose(1, 2)).mean(2))  # type: ignore[no-any-return]
        return self.last(mixed.mean(1))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "mixer",
    [nn.Linear(6, 6), nn.LayerNorm(6), nn.LSTM(6, 6, batch_first=True), nn.TransformerEncoderLayer(6, 2, 8, 0.0)],
    ids=["linear", "norm", "lstm", "transformer"],
)
def test_channels_on_the_last_axis_are_not_taken_for_places(mixer: nn.Module) -> None:
    inputs = draw_inputs(1)
    assert choose_layer(Sequence(mixer, back=False).eval(), inputs) == "conv"
    assert choose_layer(Sequence(mixer, back=True).eval(), inputs) == "turned"
    with pytest.raises(InputError, match="channels last"):
        choose_layer(Sequence(mixer, back=False).eval(), inputs, "mixer")


def test_the_layers_with_channels_last_are_torchs() -> None:
    assert all(issubclass(kind, nn.Module) for kind in LAST_AXIS)


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "mobilenetv2", "nin"])
def test_the_guess_saves_a_pass_for_classics(name: str) -> None:
    shape = (3, 32, 32) if name == "nin" else (3, 64, 64)
    module = striate.build(name, input=shape, classes=5).eval()
    assert guess_layer(module, 2) == choose_layer(module, torch.zeros(1, *shape))


def test_the_guess_looks_into_wrappers() -> None:
    assert guess_layer(nn.Sequential(make_tiny(2)), 2) == "0.4"
    assert guess_layer(nn.Sequential(make_body(2, 1), nn.Flatten()), 2) == "0"
    assert guess_layer(nn.Linear(2, 2), 2) is None
