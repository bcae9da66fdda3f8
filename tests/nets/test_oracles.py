"""The zoo against torchvision: the same parameters, the same state dict, the same numbers from the same weights."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from striate.nets import find_net, list_zoo
from striate.nets.build import make_module

ORACLES = os.environ.get("STRIATE_ORACLES")
pytestmark = pytest.mark.skipif(not ORACLES, reason="STRIATE_ORACLES names no folder with torchvision.json")
INPUT = (3, 224, 224)
CHUNK = 2**20
ZOO_NAMES = {
    "alexnet": "alexnet-tv",
    "vgg11": "vgg11",
    "vgg13": "vgg13",
    "vgg16": "vgg16",
    "vgg19": "vgg19",
    "vgg16_bn": "vgg16-bn",
    "googlenet": "googlenet-tv",
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "resnet101": "resnet101",
    "resnet152": "resnet152",
    "resnext50_32x4d": "resnext50",
    "wide_resnet50_2": "wideresnet50",
    "densenet121": "densenet121",
    "densenet161": "densenet161",
    "densenet169": "densenet169",
    "densenet201": "densenet201",
    "squeezenet1_0": "squeezenet",
    "squeezenet1_1": "squeezenet1.1",
    "mobilenet_v2": "mobilenetv2",
}


@cache
def read_oracles() -> dict[str, Any]:
    oracles = json.loads((Path(str(ORACLES)) / "torchvision.json").read_text(encoding="utf-8"))
    return dict(oracles["networks"])


@cache
def draw_input() -> Tensor:
    """The batch that every oracle saw."""
    x = np.random.default_rng(1234).standard_normal((2, *INPUT))
    return torch.from_numpy(x.astype(np.float32))


def draw_weights(module: nn.Module) -> None:
    """As the oracle's rule says: each entry from its own number in the order of the state dict."""
    for number, (name, value) in enumerate(module.state_dict().items()):
        if name.endswith("num_batches_tracked"):
            value.zero_()
            continue
        draw_normal(value, number)
        if name.endswith("running_var"):
            value.abs_().mul_(0.1).add_(1)
        elif value.ndim > 1:
            value.mul_(float(np.sqrt(2 / np.prod(value.shape[1:]))))
        else:
            value.mul_(0.1).add_(float(name.endswith("weight")))


def draw_normal(value: Tensor, seed: int) -> None:
    """Fill a tensor from numpy's stream, a piece at a time: the largest would take 800 MB at once."""
    random, flat = np.random.default_rng(seed), value.view(-1)
    for start in range(0, flat.numel(), CHUNK):
        piece = flat[start : start + CHUNK]
        piece.copy_(torch.from_numpy(random.standard_normal(piece.numel())))


def test_the_zoo_has_every_oracle() -> None:
    assert set(ZOO_NAMES) == set(read_oracles())
    assert set(ZOO_NAMES.values()) <= set(list_zoo())


@pytest.mark.parametrize("name", ZOO_NAMES)
def test_same_parameters_and_state_dict_as_torchvision(name: str) -> None:
    module, oracle = make_module(find_net(ZOO_NAMES[name]), INPUT, 1000, device="meta"), read_oracles()[name]
    assert sum(parameter.numel() for parameter in module.parameters()) == oracle["parameters"]
    found = [(key.rpartition(".")[2], list(value.shape)) for key, value in module.state_dict().items()]
    assert found == [(key.rpartition(".")[2], shape) for key, shape in oracle["state_dict"]]


@pytest.mark.parametrize("name", ZOO_NAMES)
def test_same_outputs_as_torchvision(name: str) -> None:
    module = make_module(find_net(ZOO_NAMES[name]), INPUT, 1000, device="meta").to_empty(device="cpu").eval()
    draw_weights(module)
    with torch.no_grad():
        logits = module(draw_input())
    oracle = read_oracles()[name]
    first, norm = torch.tensor(oracle["logits_first8"]), torch.tensor(oracle["logits_norm"])
    assert ((logits[:, :8] - first).norm(dim=1) / first.norm(dim=1)).max() <= 1e-4
    assert ((logits.norm(dim=1) - norm).abs() / norm).max() <= 1e-4
    assert logits.argmax(1).tolist() == oracle["argmax"]
