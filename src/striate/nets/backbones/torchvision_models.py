"""Backbones of torchvision: `torchvision:NAME`, its classifier taken off, whatever the family calls it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from striate.errors import ShapeError
from striate.nets.backbones.demands import Demands, Trained
from striate.nets.backbones.library import refuse_name

if TYPE_CHECKING:
    from torch import nn

HEADS = ("fc", "classifier", "head", "heads")
SIDE_HEADS = ("aux1", "aux2", "AuxLogits")
INCEPTIONS = frozenset({"googlenet", "inception_v3"})  # they renormalise inputs for their weights, and have side heads
FIXED = ("vit_", "maxvit_", "mvit_")  # their positions, or their windows, are counted for one size
USUAL = {2: (3, 224, 224), 3: (3, 16, 112, 112)}


def describe_torchvision(torchvision: Any, name: str, weights: bool | str) -> Demands:
    """The usual input of a network, and its weights' normalisation.

    Raises:  ShapeError for a name, or for weights, that torchvision doesn't have.
    """
    models = torchvision.models
    videos = models.list_models(module=models.video)
    images = models.list_models(module=models)
    if name not in (*images, *videos):
        raise refuse_name("torchvision", name, (*images, *videos))
    usual, found = USUAL[3 if name in videos else 2], _find_weights(models, name, weights)
    if found is None:
        return Demands(usual, name.startswith(FIXED), None)
    presets = found.transforms()
    cut = tuple(presets.crop_size)
    extents = cut * 2 if len(cut) == 1 else cut
    frames = (int(found.meta.get("min_temporal_size", usual[1])),) if name in videos else ()
    trained = Trained(f"torchvision's {type(found).__name__}.{found.name}", tuple(presets.mean), tuple(presets.std))
    return Demands((3, *frames, *extents), name.startswith(FIXED), trained)


def make_torchvision(torchvision: Any, name: str, weights: bool | str, *, pretrained: bool) -> nn.Module:
    """Make a network without its classifier; `pretrained` fetches the weights that the text asks for.

    It is the same network in both cases, so that weights that were saved fit: what torchvision sets by the weights is
    set here by the text.

    Raises:  ShapeError for a family whose classifier isn't known.
    """
    models, chosen = torchvision.models, _find_weights(torchvision.models, name, weights)
    options: dict[str, Any] = {}
    if name in INCEPTIONS:
        options = {"transform_input": chosen is not None, "init_weights": chosen is None}
    elif name.startswith("vit_") and chosen is not None:
        options = {"image_size": chosen.meta["min_size"][0]}
    if chosen is not None:
        options["num_classes"] = len(chosen.meta["categories"])
    module: nn.Module = models.get_model(name, weights=None, **options)
    if pretrained and chosen is not None:
        state = chosen.get_state_dict(progress=True, check_hash=True, map_location="cpu", weights_only=True)
        for key in [key for key in state if _rename(key) != key]:  # in place: the state's own notes stay with it
            state[_rename(key)] = state.pop(key)
        module.load_state_dict(state)
    _take_side_heads_off(module)
    _take_head_off(module)
    return module


def _find_weights(models: Any, name: str, weights: bool | str) -> Any:
    """The weights that the text asks for, as torchvision lists them; None for `weights=no`."""
    if weights is False:
        return None
    known = models.get_model_weights(name)
    if weights is True:
        return known.DEFAULT
    names = [each.name for each in known]
    if weights in names:
        return known[weights]
    near = difflib.get_close_matches(str(weights), names, n=1)
    hint = f"Did you mean `weights={near[0]}`?" if near else "Change it"
    listed = " or ".join(["yes", "no", *names])
    raise ShapeError(f"torchvision has no weights `{weights}` of {name}, needed {listed}. {hint}")


def _rename(key: str) -> str:
    """DenseNet's published files say `norm.1` where its modules have been called `norm1` since.

    >>> _rename("features.denseblock1.denselayer12.norm.1.weight")
    'features.denseblock1.denselayer12.norm1.weight'
    """
    return re.sub(r"(\.denselayer\d+\.(?:norm|relu|conv))\.([12])\.", r"\1\2.", key)


def _take_side_heads_off(module: nn.Module) -> None:
    for head in SIDE_HEADS:
        if hasattr(module, head):
            setattr(module, head, None)
    if hasattr(module, "aux_logits"):
        setattr(module, "aux_logits", False)  # noqa: B010 - a plain attribute of theirs, unknown to the type checker


def _take_head_off(module: nn.Module) -> None:
    """Put the identity in place of the last layer with weights: a convolution in SqueezeNet and S3D, else an fc."""
    from torch import nn

    for head in (name for name in HEADS if hasattr(module, name)):
        layers = [
            name
            for name, layer in module.get_submodule(head).named_modules(prefix=head)
            if isinstance(layer, nn.Linear | nn.Conv2d | nn.Conv3d)
        ]
        if layers:
            module.set_submodule(layers[-1], nn.Identity())
            return
    raise ShapeError(
        f"found no classifier to take off in torchvision's {type(module).__name__}, needed one called "
        f"{', '.join(HEADS)}. Use another network"
    )
