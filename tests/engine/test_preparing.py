from __future__ import annotations

import sys
from typing import Any

import pytest
import torch
from tests.engine.draw import Residual, Wilful, count, season
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

import striate
from striate.engine import Engine, cast, place_batch, prepare

subject: Any = sys.modules["striate.engine.preparing"]
ENGINES = [Engine(), Engine(memory_format="channels_last"), Engine(precision="bf16", memory_format="channels_last")]


def ask(module: nn.Module, batch: Tensor, engine: Engine) -> Tensor:
    with torch.no_grad(), cast(engine):
        result: Tensor = module(place_batch(batch, engine))
    return result.float()


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: str(engine.label))
@pytest.mark.parametrize(
    "text",
    [
        "conv3-8, bn, relu, maxpool2, conv3-8, bn, silu, gap, flatten, fc-5",
        "bn, relu, conv3-8, gn groups=4, gelu, deconv2-4/2, bn, gap, flatten, fc-5",
        "conv3-8, lrn, relu, cat[maxpool3/1 pad=1, conv1-4 | conv3-8, bn], flatten, dropout p=0.5, fc-5",
    ],
)
def test_answers_are_the_modules_up_to_rounding(text: str, engine: Engine) -> None:
    module = season(striate.build(text, input=(3, 8, 8)))
    batch = torch.randn(6, 3, 8, 8)
    ready = prepare(module, engine, batch)
    with torch.no_grad():
        expected = module(batch)
    error = 0.03 if engine.precision == "bf16" else 1e-5
    assert (ask(ready, batch, engine) - expected).abs().max() <= error * expected.abs().max()


def test_bf16_is_near_what_autocast_gives() -> None:
    module, engine = season(striate.build("resnet18", input=(1, 32, 32), classes=4)), ENGINES[2]
    batch = torch.randn(4, 1, 32, 32)
    expected = ask(module, batch, engine)
    found = ask(prepare(module, engine, batch), batch, engine)
    assert (found - expected).abs().max() <= 0.03 * expected.abs().max()


def test_the_module_stays_as_it_was() -> None:
    module = season(Residual()).train()
    modes = [part.training for part in module.modules()]
    state = {name: (value.clone(), value.stride()) for name, value in module.state_dict().items()}
    ready = prepare(module, ENGINES[2], torch.randn(2, 3, 6, 6))
    assert count(ready, _BatchNorm) == 0
    assert modes == [part.training for part in module.modules()]
    for name, value in module.state_dict().items():
        assert torch.equal(state[name][0], value)
        assert state[name][1] == value.stride()


def test_a_copy_is_kept_until_the_weights_change() -> None:
    module, batch = season(Residual()), torch.randn(2, 3, 6, 6)
    ready = prepare(module, Engine(), batch)
    assert prepare(module, Engine(), batch) is ready
    assert prepare(module, Engine(memory_format="channels_last"), batch) is not ready
    ready = prepare(module, Engine(), batch)
    with torch.no_grad():
        module.stem.weight.mul_(2)  # type: ignore[union-attr, operator]
    changed = prepare(module, Engine(), batch)
    assert changed is not ready
    with torch.no_grad():
        assert torch.allclose(changed(batch), module(batch), atol=1e-4)


def test_a_change_that_gives_other_answers_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(module: nn.Module) -> nn.Module:
        return nn.Sequential(module, nn.Hardtanh())

    batch = torch.randn(2, 3, 6, 6) * 9
    for name in ("fold_norms", "fuse_convolutions"):
        module = season(Residual())
        with monkeypatch.context() as patch:
            patch.setattr(subject, name, spoil)
            ready = prepare(module, Engine(), batch)
        assert count(ready, nn.Hardtanh) == 0
        with torch.no_grad():
            assert torch.allclose(ready(batch), module(batch), rtol=1e-4, atol=1e-4)


def test_a_change_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(nn.Module):
        def forward(self, batch: Tensor) -> Tensor:
            raise RuntimeError("no such kernel")

    monkeypatch.setattr(subject, "fuse_convolutions", lambda module: Broken())
    module, batch = season(Residual()), torch.randn(2, 3, 6, 6)
    with torch.no_grad():
        assert torch.allclose(prepare(module, Engine(), batch)(batch), module(batch), atol=1e-4)


def test_what_cannot_be_followed_is_still_made_ready() -> None:
    module = season(Wilful(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()))
    batch = torch.randn(2, 3, 6, 6)
    ready = prepare(module, Engine(), batch)
    assert count(ready, _BatchNorm) == 0
    with torch.no_grad():
        assert torch.allclose(ready(batch), module(batch), atol=1e-4)


def test_a_fault_of_the_module_is_its_own() -> None:
    with pytest.raises(RuntimeError, match="expected input"):
        prepare(Residual(), Engine(), torch.randn(2, 5, 6, 6))


def test_on_little_the_rest_of_the_batch_has_no_say() -> None:
    module, batch = season(Residual()), torch.randn(5, 3, 6, 6)
    ready = prepare(module, Engine(), batch)
    with torch.no_grad():
        assert torch.allclose(ready(batch)[3:4], ready(batch[3:4]), atol=1e-5)
