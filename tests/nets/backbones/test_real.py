"""The real libraries, where they are installed: what the stand-ins only mimic. No weights are fetched."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import torch

from striate.errors import NotationError
from striate.nets import find_input_demands, find_net, parse, place
from striate.nets.build import make_module

FAMILIES = ["resnet18", "densenet121", "mobilenet_v3_small", "squeezenet1_1", "shufflenet_v2_x0_5", "regnet_x_400mf"]
HEADS = {"resnet18": 512, "densenet121": 1024, "mobilenet_v3_small": 1024, "squeezenet1_1": 512}
TIMM = ["resnet10t", "mobilenetv3_small_050", "convnext_atto", "vit_tiny_patch16_224", "test_vit"]


def find_real(name: str) -> Any:
    """The library, or a skip: also where it is installed, but made for another torch."""
    try:
        return importlib.import_module(name)
    except (ImportError, RuntimeError) as problem:
        return pytest.skip(f"{name} doesn't load here: {str(problem).splitlines()[0]}")


@pytest.mark.parametrize("name", FAMILIES)
def test_torchvision(name: str) -> None:
    models = find_real("torchvision").models
    net = find_net(f"torchvision:{name}")
    demands = find_input_demands(net)
    assert demands is not None
    assert demands.trained is not None
    assert demands.trained.mean == (0.485, 0.456, 0.406)
    features, head = place(net, demands.input, 10)
    assert features.output == (HEADS.get(name, features.output[0]),)
    published = models.get_model_weights(name).DEFAULT.meta["num_params"]
    assert features.parameters + 1000 * (features.output[0] + 1) == published
    module = make_module(net, (3, 64, 64), 10, pretrained=False).eval()
    assert module(torch.zeros(1, 3, 64, 64)).shape == (1, 10)
    assert sum(parameter.numel() for parameter in module.parameters()) == features.parameters + head.parameters


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_torchvisions_side_heads(name: str) -> None:
    find_real("torchvision")
    module = make_module(find_net(f"torchvision:{name}"), (3, 96, 96), 3, pretrained=False)
    assert module(torch.rand(2, 3, 96, 96)).shape == (2, 3)  # in training, where the original gives several


@pytest.mark.parametrize("name", TIMM)
def test_timm(name: str) -> None:
    timm = find_real("timm")
    net = find_net(f"timm:{name}")
    demands = find_input_demands(net)
    assert demands is not None
    assert demands.trained is not None
    assert demands.trained.mean == timm.create_model(name).pretrained_cfg["mean"]
    (features, _) = place(net, demands.input, 10)
    reference = timm.create_model(name, num_classes=0)
    assert features.parameters == sum(parameter.numel() for parameter in reference.parameters())
    module = make_module(net, demands.input, 10, pretrained=False).eval()
    module.get_submodule("timm1").load_state_dict(reference.state_dict())
    x = torch.rand(1, *demands.input)
    assert torch.equal(module.get_submodule("timm1")(x), reference.eval()(x))


@pytest.mark.parametrize(
    ("library", "text", "said"),
    [
        ("timm", "timm:resnet81", "no such network"),
        ("timm", "timm:resnet18.a9_in1k", "needed a tag that it has"),
        ("timm", "timm:vit_tiny_patch16_224", "Give 3x224x224"),
        ("torchvision", "torchvision:vit_b_16", "Give 3x224x224"),
        ("torchvision", "torchvision:fcn_resnet50", "no such network"),
        ("torchvision", "torchvision:resnet50 weights=IMAGENET1K_V3", "Did you mean `weights=IMAGENET1K_V2`"),
    ],
)
def test_errors(library: str, text: str, said: str) -> None:
    find_real(library)
    with pytest.raises(NotationError, match=said):
        place(parse(text), (3, 64, 64))
