"""Nothing is left of an explanation, whatever a module does meanwhile."""

from __future__ import annotations

import random
from contextlib import ExitStack, suppress

import numpy as np
import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny, read_bits, take_state
from tests.nets.every_word import TEXTS
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

import striate
from striate.errors import InputError
from striate.explain.untouched import untouched


class Mischief(nn.Module):
    """Does to itself whatever a module can, each time it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("counted", torch.tensor([0.0, float("nan")]))
        self.register_buffer("replaced", torch.zeros(2))
        self.register_buffer("dropped", torch.ones(3))
        self.weight = nn.Parameter(torch.ones(2))
        self.calls, self.cache = 0, {"first": 1}

    def forward(self, inputs: Tensor) -> Tensor:
        self.get_buffer("counted").data.numpy()[0] = -0.0  # which no version counter sees
        self.replaced = torch.ones(2)
        if "dropped" in self._buffers:
            del self.dropped
            self.register_buffer("added", torch.ones(1), persistent=False)
            self.part = nn.Linear(1, 1)
        self.calls += 1
        self.cache["second"] = 2
        self.left = inputs
        self.weight.requires_grad_(False)
        self.weight.grad = torch.ones(2)
        self.train()
        torch.rand(3)
        np.random.rand(3)
        random.random()
        return inputs


def make_mischief() -> nn.Sequential:
    net = make_tiny(2)
    net.insert(3, Mischief())
    return net


@pytest.mark.parametrize("fails", [False, True])
def test_a_module_comes_back_as_it_was(fails: bool) -> None:
    net = make_mischief()
    net.train()
    net[1].eval()
    net[0].weight.requires_grad_(False)
    weight = net.get_parameter("8.weight")
    weight.grad = torch.full_like(weight, 2)
    weight.grad[0, 0] = -0.0
    net.register_forward_hook(lambda *_: None)
    before = take_state(net)
    with suppress(KeyError), untouched(net):
        assert not any(part.training for part in net.modules())
        net(draw_inputs(2))
        weight.grad.add_(1)
        net.register_forward_pre_hook(lambda *_: None)
        if fails:
            raise KeyError
    assert take_state(net) == before


def test_without_it_much_would_be_left() -> None:
    net = make_mischief()
    before = take_state(net)
    net(draw_inputs(2))
    changed = [place for place, (one, other) in enumerate(zip(take_state(net), before, strict=True)) if one != other]
    assert {0, 2, 3, 4, 5, 6, 7, 8, 9} <= set(changed)


OF_TORCH: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "recurrent": (nn.LSTM(8, 4, bidirectional=True), (5, 2, 8)),
    "gated": (nn.GRU(8, 4), (5, 2, 8)),
    "attention": (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 5, 8)),
    "instances": (nn.InstanceNorm2d(3, affine=True, track_running_stats=True), (2, 3, 5, 5)),
    "rows": (nn.Sequential(nn.LayerNorm(8), nn.RMSNorm(8), nn.PReLU(), nn.RReLU(), nn.Linear(8, 3)), (2, 8)),
    "ranks": (nn.Sequential(nn.BatchNorm1d(8), nn.Dropout(), nn.AlphaDropout(), nn.Softmax(1)), (2, 8)),
    "windows": (
        nn.Sequential(nn.Unfold(3), nn.Fold(5, 3), nn.Upsample(scale_factor=2), nn.GroupNorm(1, 3)),
        (2, 3, 5, 5),
    ),
    "pools": (nn.Sequential(nn.LPPool2d(2, 2), nn.FractionalMaxPool2d(2, 2), nn.LocalResponseNorm(2)), (2, 3, 8, 8)),
}


def look(net: nn.Module) -> list[object]:
    """What takes the quick way here: every attribute as an object, and the bits of all buffers."""
    attributes = [(name, id(value)) for part in net.modules() for name, value in vars(part).items()]
    return [attributes, [read_bits(buffer) for buffer in net.buffers()]]


@pytest.mark.parametrize("name", TEXTS)
def test_no_layer_of_ours_writes_to_itself_while_it_answers(name: str) -> None:
    net = striate.build(TEXTS[name], input=(4, 9, 8)).eval()
    before = look(net)
    net(torch.randn(2, 4, 9, 8))
    assert look(net) == before


@pytest.mark.parametrize("name", OF_TORCH)
def test_no_layer_of_torch_writes_to_itself_while_it_answers(name: str) -> None:
    net, shape = OF_TORCH[name]
    before = look(net.eval())
    net(torch.randn(shape))
    assert look(net) == before


def note_call(part: nn.Module, values: Tensor) -> Tensor:
    """As a user's hook may: leaves something with the module, and counts in its buffers."""
    part.noted = torch.ones(1)
    for buffer in part.buffers(recurse=False):
        buffer.add_(1)
    return values


class Noting(nn.BatchNorm2d):
    """A layer of someone's own that does so."""

    def forward(self, input: Tensor) -> Tensor:
        return note_call(self, input)


def note_after(part: nn.Module, given: object, output: Tensor) -> None:
    """The same, as a hook."""
    note_call(part, output)


@pytest.mark.parametrize("way", ["hook", "global hook", "forward", "class"])
def test_what_anyone_else_writes_is_taken_back(way: str) -> None:
    net = make_tiny(2)
    norm = net.get_submodule("1")
    with ExitStack() as stack:
        if way == "hook":
            norm.register_forward_hook(note_after)
        elif way == "global hook":
            stack.callback(register_module_forward_hook(note_after).remove)
        elif way == "forward":
            norm.forward = lambda values: note_call(norm, values)
        else:
            norm.__class__ = Noting
        before = take_state(net)
        with untouched(net):
            net(draw_inputs(2))
            assert hasattr(norm, "noted")
        assert take_state(net) == before


def test_a_layer_of_torch_that_writes_a_buffer_is_refused() -> None:
    net = make_tiny(2)
    with pytest.raises(InputError, match="writes its own"), untouched(net):
        net.get_buffer("1.running_mean").add_(1)


def test_a_graph_that_keeps_a_buffer_is_not_spoilt() -> None:
    net = make_tiny(1).eval()
    loss = net(draw_inputs(1)).sum()
    with untouched(net):
        net(draw_inputs(1))
    loss.backward()
    assert net[0].weight.grad is not None


def test_a_class_that_does_more_when_it_is_switched_is_not_switched_by_its_own_method() -> None:
    class Merging(nn.Linear):
        def train(self, mode: bool = True) -> Merging:
            self.weight.data += 1
            return self

    net = Merging(2, 2)
    before = take_state(net)
    with untouched(net):
        assert not net.training
    assert take_state(net) == before


def test_a_shared_part_and_a_shared_weight_come_back() -> None:
    part = nn.Linear(3, 3)
    net = nn.Sequential(part, part, nn.Linear(3, 3))
    net[2].weight = part.weight
    before = take_state(net)
    with untouched(net):
        part.weight.grad = torch.ones(3, 3)
    assert take_state(net) == before


def test_what_it_cannot_bring_back_is_refused() -> None:
    class Writing(nn.Linear):
        def forward(self, inputs: Tensor) -> Tensor:
            with torch.no_grad():
                self.weight.mul_(2)
            return super().forward(inputs)

    net = Writing(2, 2)
    with pytest.raises(InputError, match="writes its own parameters"), untouched(net):
        net(torch.ones(1, 2))
    with pytest.raises(InputError, match="Run it once"), untouched(nn.LazyLinear(2)):
        pass
