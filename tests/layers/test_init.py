"""Every module is a good citizen of torch: meta device, autocast, copies, saved weights, export and compile."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.fx
from torch import nn

from striate.layers import (
    Add,
    Cat,
    ChannelNorm,
    ChannelScale,
    Crop,
    FixedScale,
    KMaxPool,
    Maxout,
    Mul,
    PixelShuffleNd,
    ResponseNorm,
    make_convolution,
    make_pool,
    make_transposed,
)

MAKERS: dict[str, Callable[[], nn.Module]] = {
    "padded": lambda: make_convolution(2, 2, 4, 4, 2, [(1, 2), (0, 1)], padding_mode="reflect"),
    "cropped": lambda: make_transposed(2, 2, 4, 4, 2, [(0, 2), (1, -3)]),
    "max": lambda: make_pool(2, "max", 3, 2, [(0, 1), (1, 2)], ceil=True),
    "average": lambda: make_pool(2, "average", 3, 2, [(0, 1), (1, 2)], ceil=True),
    "norm": lambda: ChannelNorm(2),
    "add": lambda: Add([nn.Conv2d(2, 2, 1), nn.Identity()]),
    "cat": lambda: Cat([nn.Conv2d(2, 2, 1), nn.Identity()]),
    "mul": lambda: Mul([nn.Conv2d(2, 2, 1), nn.AdaptiveAvgPool2d(1)]),
    "response": lambda: ResponseNorm(3, alpha=0.1),
    "maxout": lambda: Maxout(2),
    "kmaxpool": lambda: KMaxPool(3),
    "shuffle": lambda: PixelShuffleNd((2, 1)),
    "crop": lambda: Crop([(1, 2), (0, 1)]),
    "scale": lambda: ChannelScale(2, initial=0.5),
    "fixed": lambda: FixedScale(-0.5),
}
every_module = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
X = torch.randn(2, 2, 7, 6)


@every_module
def test_meta_device_gives_the_shape(make: Callable[[], nn.Module]) -> None:
    with torch.device("meta"):
        module = make()
    assert module(X.to("meta")).shape == make()(X).shape


@every_module
def test_autocast_stays_near(make: Callable[[], nn.Module]) -> None:
    module = make()
    with torch.autocast("cpu", torch.bfloat16):
        near = module(X)
    torch.testing.assert_close(near.float(), module(X), rtol=0.05, atol=0.05)


def test_autocast_convolves_in_the_lower_precision() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        assert MAKERS["padded"]()(X).dtype == torch.bfloat16
        assert MAKERS["cropped"]()(X).dtype == torch.bfloat16


@every_module
def test_copies_and_saved_weights_give_the_same(make: Callable[[], nn.Module], tmp_path: Path) -> None:
    module = make()
    assert torch.equal(copy.deepcopy(module)(X), module(X))
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    other = make()
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert torch.equal(other(X), module(X))


@every_module
def test_export_gives_the_same(make: Callable[[], nn.Module]) -> None:
    module = make().eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(module, (X,), dynamic_shapes=({0: batch},)).module()
    larger = torch.randn(5, 2, 7, 6)
    torch.testing.assert_close(exported(larger), module(larger))


@every_module
def test_a_symbolic_trace_gives_the_same(make: Callable[[], nn.Module]) -> None:
    module = make()
    assert torch.equal(torch.fx.symbolic_trace(module)(X), module(X))


@every_module
def test_compile_without_a_break_gives_the_same(make: Callable[[], nn.Module]) -> None:
    module = make()
    compiled = torch.compile(module, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(X), module(X))
