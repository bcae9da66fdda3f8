"""Values of a pass are those that hooks see; the module is left as it was; what can't be done is refused."""

from __future__ import annotations

import importlib

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny, take_state
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.hooks import record
from striate.explain.sums.layers import list_layers
from striate.explain.sums.playing import play

playing = importlib.import_module(play.__module__)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_every_layer_holds_what_a_hook_sees(axes: int) -> None:
    module, x = make_tiny(axes, 2).train(), draw_inputs(axes, 2, 1)
    before = take_state(module)
    playing = play(module, x)
    assert take_state(module) == before
    layers = {layer.name: layer for layer in list_layers(playing.trace)}
    wanted = record(module.eval(), x, list(layers))
    assert len(wanted) == len(layers) == 8
    for name, tensor in wanted.items():
        assert torch.allclose(playing.read(layers[name].value), tensor, atol=1e-6)
        assert layers[name].shape == tuple(tensor.shape[1:])


class InPlace(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x + 1
        view = y[:, 0]
        view.mul_(2)
        y.relu_()
        return y - 3


def test_what_is_written_over_is_kept_as_it_was() -> None:
    x = torch.randn(1, 2, 5)
    playing = play(InPlace(), x)
    seen = {
        operation.name: playing.read((operation.outputs or operation.writes)[0])
        for operation in playing.trace.operations
    }
    assert torch.equal(seen["add"], x + 1)
    doubled = (x + 1) * torch.tensor([2.0, 1.0])[:, None]
    assert torch.equal(seen["mul_"], doubled[:, 0])
    assert torch.equal(seen["relu_"], doubled.relu())
    assert torch.equal(playing.read(playing.input), x)


class Drawn(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand_like(x)


class Constant(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.tensor([[2.0]])


def test_what_cannot_be_done_again_is_refused() -> None:
    with pytest.raises(InputError, match="done one by one, its operations give other numbers than it does itself"):
        play(Drawn(), torch.rand(1, 1, 4))
    with pytest.raises(InputError, match="it holds a constant whose numbers aren't known"):
        play(Constant(), torch.rand(1, 1, 4))


def test_what_is_too_much_to_keep_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "MOST_BYTES", 1 << 10)
    play(nn.ReLU(), torch.rand(1, 1, 256))
    with pytest.raises(
        InputError, match=r"the network: it makes 0.0 GiB of numbers on the way, of which 0 can be kept"
    ):
        play(nn.ReLU(), torch.rand(1, 1, 257))
