from __future__ import annotations

import pytest
import torch
from tests.nets.backbones.libraries import FEATURES, IMAGES, drawing_trained, make_torchvision
from torch import nn

from striate.errors import ShapeError
from striate.nets.backbones.torchvision_models import describe_torchvision
from striate.nets.backbones.torchvision_models import make_torchvision as make_backbone

HEADED = sorted({*IMAGES, "r2_video"} - {"headless"})
WIDTHS = {"vgg3": 8, "regnet_t": 4}


def test_what_weights_say_of_their_input() -> None:
    first = describe_torchvision(make_torchvision(), "resnet2", "IMAGENET1K_V1")
    default = describe_torchvision(make_torchvision(), "resnet2", True)
    assert first.input == default.input == (3, 24, 24)
    assert first.trained is not None
    assert default.trained is not None
    assert first.trained.mean == (0.1, 0.2, 0.3)
    assert default.trained.mean == (0.4, 0.3, 0.2)
    assert default.trained.label == "torchvision's resnet2_Weights.IMAGENET1K_V2"


def test_a_video_network_takes_frames() -> None:
    assert describe_torchvision(make_torchvision(), "r2_video", True).input == (3, 5, 12, 12)
    assert len(describe_torchvision(make_torchvision(), "r2_video", False).input) == 4


def test_a_vision_transformer_takes_one_size() -> None:
    found = describe_torchvision(make_torchvision(), "vit_t_4", "IMAGENET1K_SWAG_E2E_V1")
    assert (found.input, found.fixed) == ((3, 20, 20), True)


def test_an_unknown_name_or_unknown_weights() -> None:
    with pytest.raises(ShapeError, match=r"no such network.*Did you mean `torchvision:resnet2`"):
        describe_torchvision(make_torchvision(), "resnet3", True)
    said = "no weights `IMAGENET1K_V3` of resnet2, needed yes or no or IMAGENET1K_V1 or IMAGENET1K_V2. Did you mean"
    with pytest.raises(ShapeError, match=said):
        describe_torchvision(make_torchvision(), "resnet2", "IMAGENET1K_V3")


@pytest.mark.parametrize("name", HEADED)
def test_the_classifier_is_taken_off(name: str) -> None:
    demands = describe_torchvision(make_torchvision(), name, True)
    module = make_backbone(make_torchvision(), name, True, pretrained=False).eval()
    assert module(torch.rand(2, *demands.input)).shape == (2, WIDTHS.get(name, FEATURES))
    assert not any(10 in parameter.shape for parameter in module.parameters())


def test_a_family_without_a_known_classifier() -> None:
    with pytest.raises(ShapeError, match="found no classifier to take off in torchvision's Trunk"):
        make_backbone(make_torchvision(), "headless", True, pretrained=False)


@pytest.mark.parametrize(
    ("name", "weights"), [(name, True) for name in HEADED] + [("vit_t_4", "IMAGENET1K_SWAG_E2E_V1")]
)
def test_trained_weights_are_those_of_the_file(name: str, weights: bool | str) -> None:
    """The library's own way, a model with its head, gives the same features before the head."""
    library = make_torchvision()
    found = library.models.get_model_weights(name)
    chosen = found.DEFAULT if weights is True else found[weights]
    with drawing_trained():
        whole = chosen.value.make().eval()
    heads = [path for path, layer in whole.named_modules() if isinstance(layer, nn.Linear) and "aux" not in path]
    if name != "squeezenet1":
        whole.set_submodule(heads[-1], nn.Identity())
    else:
        whole.get_submodule("classifier")[1] = nn.Identity()
    module = make_backbone(library, name, weights, pretrained=True).eval()
    x = torch.rand(2, *describe_torchvision(library, name, weights).input)
    assert torch.equal(module(x), whole(x))


@pytest.mark.parametrize("name", HEADED)
def test_saved_weights_fit_a_network_that_was_made_without_the_file(name: str) -> None:
    trained, again = (make_backbone(make_torchvision(), name, True, pretrained=on) for on in (True, False))
    again.load_state_dict(trained.state_dict())
    x = torch.rand(1, *describe_torchvision(make_torchvision(), name, True).input)
    assert torch.equal(again.eval()(x), trained.eval()(x))
    assert getattr(again, "transform_input", None) == getattr(trained, "transform_input", None)


def test_side_heads_are_taken_off() -> None:
    module = make_backbone(make_torchvision(), "googlenet", True, pretrained=True)
    assert bool(module.transform_input)
    assert not module.aux_logits
    assert not any(name.startswith("aux") for name, _ in module.named_parameters())
    assert not make_backbone(make_torchvision(), "googlenet", False, pretrained=True).transform_input
