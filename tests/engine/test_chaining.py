from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from tests.engine.draw import Residual, Wilful, season
from torch import Tensor, nn

import striate
from striate.engine import Engine, cast, place_batch, prepare
from striate.engine.chaining import Chained
from striate.engine.fusing import can_fuse

pytestmark = pytest.mark.skipif(
    not (can_fuse() and hasattr(torch._C, "_jit_set_llga_enabled")), reason="torch without oneDNN's graph compiler"
)
ENGINES = [
    Engine(compiled=True),
    Engine(memory_format="channels_last", compiled=True),
    Engine("cpu", "bf16", "channels_last", compiled=True),
]


@pytest.fixture(autouse=True)
def switches() -> Iterator[None]:
    """TorchScript's switches are as they were, whatever happened."""
    before = read_switches()
    yield
    assert read_switches() == before


def read_switches() -> tuple[bool, bool]:
    autocast = torch._C._jit_set_autocast_mode(True)
    torch._C._jit_set_autocast_mode(autocast)
    return torch._C._jit_llga_enabled(), autocast


def ask(module: nn.Module, batch: Tensor, engine: Engine) -> Tensor:
    with torch.inference_mode(), cast(engine):
        result: Tensor = module(place_batch(batch, engine))
    return result.float()


def chain(module: nn.Module, batch: Tensor, engine: Engine = ENGINES[1]) -> Chained:
    found = prepare(module, engine, batch)
    assert isinstance(found, Chained)
    return found


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: str(engine.label))
@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("conv3-8, bn, relu, maxpool2, conv3-8, bn, silu, gap, flatten, fc-5", (3, 8, 8)),
        ("conv3-16/2, bn, relu, add[conv3-16, bn, relu, conv3-16, bn | ], relu, gap, flatten, fc-5", (3, 16, 16)),
        ("conv3-8, lrn, relu, cat[maxpool3/1 pad=1, conv1-4 | conv3-8, bn], flatten, dropout p=0.5, fc-5", (3, 8, 8)),
        ("depthwise3, bn, relu6, conv1-8, gn groups=2, sigmoid, deconv2-4/2, gelu, gap, flatten, fc-5", (4, 8, 8)),
        ("conv5-8/2, bn, relu, conv3-8, gap, flatten, fc-5", (2, 40)),
        ("conv3-4, bn, relu, maxpool2, conv3-4, gap, flatten, fc-5", (1, 6, 6, 6)),
    ],
)
def test_answers_are_the_modules_up_to_rounding(text: str, shape: tuple[int, ...], engine: Engine) -> None:
    module = season(striate.build(text, input=shape))
    batch = torch.randn(3, *shape)
    found = chain(module, batch, engine)
    with torch.no_grad():
        expected = module(batch)
    error = 0.03 if engine.precision == "bf16" else 1e-5
    for _ in range(2):
        assert (ask(found, batch, engine) - expected).abs().max() <= error * expected.abs().max() + 1e-6
    assert [isinstance(each, torch.jit.ScriptModule) for each in found.chains.values()] == [True]


def test_all_convolutions_are_within_chains_and_no_cast_parts_them() -> None:
    module = season(striate.build("resnet18", input=(3, 32, 32), classes=5))
    found = chain(module, batch := torch.randn(1, 3, 32, 32), ENGINES[2])
    ask(found, batch, ENGINES[2])
    kinds = [node.kind() for node in torch._C._last_executed_optimized_graph().nodes()]
    assert "prim::oneDNNFusionGuard" in kinds
    assert not any("conv" in kind for kind in kinds)
    assert kinds.count("aten::to") <= 1  # of the input


def test_each_of_the_first_shapes_has_chains_of_its_own() -> None:
    module = season(Residual())
    batches = [torch.randn(rows, 3, 6, side) for rows, side in ((2, 6), (1, 6), (2, 7), (3, 6), (4, 6))]
    found = chain(module, batches[0])
    for batch in batches:
        with torch.no_grad():
            expected = module(batch)
        assert (ask(found, batch, ENGINES[1]) - expected).abs().max() <= 1e-5 * expected.abs().max()
    assert len(found.chains) == 4
    alone = chain(season(Residual()), batches[3])
    alone.load_state_dict(found.state_dict())
    assert torch.equal(ask(alone, batches[3], ENGINES[1]), ask(found, batches[3], ENGINES[1]))


def test_what_needs_gradients_is_the_modules() -> None:
    module = season(Residual())
    found = chain(module, batch := torch.randn(2, 3, 6, 6))
    assert torch.allclose(found(batch), module(batch), atol=1e-5)
    assert not found.chains


@pytest.mark.parametrize("fault", ["raises", "says otherwise"])
def test_chains_that_fail_are_left_out(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    real = torch.jit.freeze

    def spoil(module: Any) -> Any:
        if fault == "raises":
            raise RuntimeError("no such kernel")
        frozen = real(module)
        return lambda batch: frozen(batch) * 1.5

    monkeypatch.setattr(torch.jit, "freeze", spoil)
    module = season(Residual())
    found = chain(module, batch := torch.randn(2, 3, 6, 6))
    with torch.no_grad():
        assert torch.allclose(ask(found, batch, ENGINES[1]), module(batch), atol=1e-5)
    assert list(found.chains.values()) == [None]


def test_what_may_depend_on_values_has_no_chains() -> None:
    class Own(nn.Conv2d):
        def forward(self, input: Tensor) -> Tensor:
            return super().forward(input if input.sum() < 1e30 else input * 2)

    batch = torch.randn(2, 3, 6, 6)
    for module in (Wilful(nn.Conv2d(3, 4, 3), nn.ReLU()), nn.Sequential(Own(3, 4, 3), nn.ReLU())):
        assert not isinstance(prepare(module.eval(), ENGINES[1], batch), Chained)
    assert not isinstance(prepare(season(Residual()), replace(ENGINES[1], compiled=False), batch), Chained)
