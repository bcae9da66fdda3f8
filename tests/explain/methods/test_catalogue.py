"""What holds for every method: any axes, channels and batch; each sample by itself; no trace."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

import pytest
import torch
from tests.explain.tiny import CLASSES, CONVS, draw_inputs, make_tiny, take_state
from torch import Tensor, nn
from torch.nn import functional as F

from striate.errors import InputError
from striate.explain import explain_module
from striate.explain.methods.catalogue import METHODS

EXTENTS = {1: 9, 2: 8, 3: 5}


def ask(module: nn.Module, inputs: Tensor, method: str, **options: Any) -> Tensor:
    return explain_module(module, inputs, method, **options).values


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3, 7])
def test_a_batch_is_its_samples_one_by_one(method: str, axes: int, channels: int) -> None:
    net, inputs = make_tiny(axes, channels), draw_inputs(axes, channels, 8, EXTENTS[axes])
    together = ask(net, inputs, method, target=list(range(CLASSES)) * 2)
    assert together.shape == (8, *[EXTENTS[axes]] * axes)
    assert together.isfinite().all()
    assert together.any()
    for place in (3, 7):
        alone = ask(net, inputs[place : place + 1], method, target=place % CLASSES)
        torch.testing.assert_close(together[place : place + 1], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_the_rest_of_the_batch_and_its_order_do_not_matter(method: str) -> None:
    net, inputs = make_tiny(2, 3), draw_inputs(2, 3, 3, 7)
    turned = ask(net, inputs.flip(0), method, target=0).flip(0)
    torch.testing.assert_close(ask(net, inputs, method, target=0, rows=2), turned, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_tells_classes_apart_and_repeats_itself(method: str) -> None:
    net, inputs = make_tiny(2), draw_inputs(2, batch=1, extent=7)
    heats = [ask(net, inputs, method, target=target) for target in range(CLASSES)]
    assert any(not torch.allclose(heats[0], other) for other in heats[1:])
    assert torch.equal(ask(net, inputs, method, target=2), heats[2])


class Handwritten(nn.Module):
    """A network of functions, in place, with one convolution used twice and a sum past it."""

    def __init__(self, axes: int) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.first, self.again = (CONVS[axes](channels, 4, 3, padding=1) for channels in (2, 4))
        self.last = nn.Linear(4, CLASSES)

    def forward(self, inputs: Tensor) -> Tensor:
        maps = F.relu_(self.first(inputs))
        maps = F.relu(self.again(maps) + maps)
        return self.last(self.again(maps).relu().flatten(2).mean(2))  # type: ignore[no-any-return]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("axes", [1, 3])
def test_handwritten_networks_are_explained_or_refused_in_one_line(method: str, axes: int) -> None:
    net, inputs = Handwritten(axes).double(), draw_inputs(axes, 2, 2, EXTENTS[axes]).double()
    before = take_state(net)
    if method == "cam":
        with pytest.raises(InputError, match=r"^cam: [^\n]*$"):
            ask(net, inputs, method)
    else:
        values = ask(net, inputs, method)
        assert values.shape == (2, *[EXTENTS[axes]] * axes)
        assert values.dtype == torch.float64
        assert values.isfinite().all()
    assert take_state(net) == before


class Raising(nn.Module):
    """Fails when it is called for the so manieth time."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def forward(self, inputs: Tensor) -> Tensor:
        self.left -= 1
        if not self.left:
            raise KeyError("broken")
        return inputs


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("at", [0, 1, 2, 3])
@pytest.mark.parametrize("training", [True, False])
def test_no_trace_is_left(method: str, at: int, training: bool) -> None:
    net = make_tiny(2)
    net.insert(3, Raising(at))
    net.train(training)
    net[0].weight.requires_grad_(False)
    net[-1].bias.grad = torch.ones(CLASSES)
    inputs = draw_inputs(2, batch=2, extent=6)
    kept, before = inputs.clone(), take_state(net)
    with pytest.raises(KeyError) if at == 1 else suppress(KeyError):
        ask(net, inputs, method, rows=1)
    assert take_state(net) == before
    assert torch.equal(inputs, kept)
    assert inputs.grad is None


@pytest.mark.parametrize("method", METHODS)
def test_a_network_that_begins_in_place_leaves_the_inputs(method: str) -> None:
    net, inputs = nn.Sequential(nn.ReLU(inplace=True), *make_tiny(2)), draw_inputs(2)
    kept = inputs.clone()
    heat = explain_module(net, inputs, method)
    assert torch.equal(inputs, kept)
    assert torch.equal(heat.inputs, kept)
    plain = ask(nn.Sequential(nn.ReLU(), *make_tiny(2)), inputs, method)
    torch.testing.assert_close(heat.values, plain, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_is_named_and_has_a_source_with_a_year(method: Any) -> None:
    assert METHODS[method.name] is method
    assert method.compute.__name__ == f"explain_{method.name}"
    assert method.source.split()[-1].isdigit()
    about = (method.compute.__doc__ or "") + (sys.modules[method.compute.__module__].__doc__ or "")
    assert "Source:" in about
