"""Small libraries that stand in for timm and torchvision: the few functions that are used, and a network of each kind.

Their trained weights are those that `torch.manual_seed(TRAINED)` draws, so that a test can make them anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatch
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

TRAINED = 99
FEATURES = 6


class Ramp(nn.Module):
    """A computed buffer that no file holds: only a constructor that really ran gives it."""

    ramp: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("ramp", torch.linspace(0.5, 1.5, channels).reshape(-1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.ramp


class Trunk(nn.Sequential):
    """Two convolutions of 2-D images, a norm, and a mean over the map."""

    def __init__(self, channels: int = 3, *, norm: bool = True) -> None:
        super().__init__(
            nn.Conv2d(channels, 4, 3, stride=2),
            nn.BatchNorm2d(4) if norm else nn.Identity(),
            nn.ReLU(),
            Ramp(4),
            nn.Conv2d(4, FEATURES, 3, padding=1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )


class Fixed(nn.Module):
    """A network that takes one size alone, and says so as a vision transformer does."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.image_size, self.trunk = size, Trunk()
        self.position = nn.Parameter(torch.randn(size))

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[-1] == self.image_size, f"Wrong image height! Expected {self.image_size} but got {x.shape[-1]}!"
        features: Tensor = self.trunk(x * self.position)
        return features


class WithHead(nn.Module):
    """A trunk and a head under the name that its family uses."""

    def __init__(self, trunk: nn.Module, name: str, head: nn.Module) -> None:
        super().__init__()
        self.trunk, self.name = trunk, name
        self.add_module(name, head)

    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(self.get_submodule(self.name)(self.trunk(x)), 1)


@contextmanager
def drawing_trained() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(TRAINED)
        yield


@dataclass(frozen=True)
class Notes:
    """What timm calls a pretrained configuration."""

    architecture: str
    tag: str = ""
    input_size: tuple[int, ...] = (3, 24, 24)
    fixed_input_size: bool = False
    mean: tuple[float, ...] = (0.5, 0.25, 0.125)
    std: tuple[float, ...] = (0.2, 0.3, 0.4)
    has_weights: bool = True


TIMM: dict[str, Callable[[], nn.Module]] = {
    "tiny": Trunk,
    "tiny_grey": lambda: Trunk(1),
    "tinyvit_16": lambda: Fixed(16),
    "plain": lambda: Trunk(norm=False),
    "mapped": lambda: nn.Conv2d(3, 4, 3),
}
NOTES = {
    "tiny.a_in1k": Notes("tiny", "a_in1k"),
    "tiny.b_in1k": Notes("tiny", "b_in1k", mean=(0.1, 0.1, 0.1)),
    "tiny_grey": Notes("tiny_grey", input_size=(1, 24, 24), mean=(0.5,), std=(0.5,)),
    "tinyvit_16": Notes("tinyvit_16", input_size=(3, 16, 16), fixed_input_size=True),
    "plain": Notes("plain", has_weights=False),
}


def make_timm(*, offline: bool = False) -> Any:
    """Make a module as timm's."""

    def list_models(filter: str = "*", pretrained: bool = False) -> list[str]:
        return [name for name in ([*NOTES] if pretrained else [*TIMM]) if fnmatch(name, filter)]

    def get_pretrained_cfg(name: str) -> Notes | None:
        if name in NOTES:
            return NOTES[name]
        architecture, _, tag = name.partition(".")
        if tag:
            raise RuntimeError(f"Invalid pretrained tag ({tag}) for {architecture}.")
        return NOTES["tiny.a_in1k"] if name == "tiny" else None

    def create_model(name: str, *, pretrained: bool, num_classes: int) -> nn.Module:
        assert num_classes == 0
        make = TIMM[name.partition(".")[0]]
        if not pretrained:
            return make()
        if offline:
            raise ConnectionError("no route to the hub\nand more of the same")
        with drawing_trained():
            return make()

    def is_model(name: str) -> bool:
        return name in TIMM

    library: Any = ModuleType("timm")
    for function in (is_model, list_models, get_pretrained_cfg, create_model):
        setattr(library, function.__name__, function)
    return library


@dataclass(frozen=True)
class Weight:
    """What stands behind one of torchvision's names of weights."""

    make: Callable[[], nn.Module]
    size: int = 24
    mean: tuple[float, ...] = (0.4, 0.3, 0.2)
    notes: tuple[tuple[str, Any], ...] = ()
    published: Callable[[str], str] = str
    offline: bool = False


class Weights(Enum):
    """As torchvision's enumerations: a name, notes, the view that belongs to them, and a state."""

    @property
    def meta(self) -> dict[str, Any]:
        size = self.value.size
        return {"min_size": (size, size), "categories": list(range(10)), **dict(self.value.notes)}

    def transforms(self) -> Any:
        return SimpleNamespace(mean=list(self.value.mean), std=[0.5, 0.5, 0.5], crop_size=[self.value.size])

    def get_state_dict(self, **options: Any) -> dict[str, Tensor]:
        assert options["weights_only"]
        assert options["check_hash"]
        if self.value.offline:
            raise OSError("<urlopen error: no such host>")
        with drawing_trained():
            return {self.value.published(name): value for name, value in self.value.make().state_dict().items()}


def _make_inception(*, transform_input: bool = False, init_weights: bool | None = None, **_: Any) -> nn.Module:
    assert init_weights is not None, "torchvision warns otherwise"
    model = WithHead(Trunk(), "fc", nn.Linear(FEATURES, 10))
    model.transform_input, model.aux_logits = transform_input, True  # type: ignore[assignment]
    model.aux1 = nn.Linear(FEATURES, 10)
    return model


def _make_stubborn(**_: Any) -> nn.Module:
    wide = int(torch.tensor([4.0]).round().tolist()[0])  # as RegNet does; without numbers it fails
    return WithHead(nn.Sequential(Trunk(), nn.Linear(FEATURES, wide)), "fc", nn.Linear(wide, 10))


def _make_vit(*, image_size: int = 16, **_: Any) -> nn.Module:
    return WithHead(Fixed(image_size), "heads", nn.Sequential(nn.Linear(FEATURES, 10)))


class Dense(nn.Sequential):
    """DenseNet's names: `denselayer1.norm1`, which its published file calls `denselayer1.norm.1`."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.Sequential()
        layer.add_module("norm1", nn.BatchNorm2d(3))
        layer.add_module("conv1", nn.Conv2d(3, FEATURES, 3))
        self.add_module("denselayer1", layer)
        self.add_module("pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))


class Mapped(nn.Sequential):
    """SqueezeNet's head is a convolution of the map."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(3, FEATURES, 3), nn.ReLU())


def _make_resnet(**_: Any) -> nn.Module:
    return WithHead(Trunk(), "fc", nn.Linear(FEATURES, 10))


def _make_densenet(**_: Any) -> nn.Module:
    return WithHead(Dense(), "classifier", nn.Linear(FEATURES, 10))


def _make_vgg(**_: Any) -> nn.Module:
    head = nn.Sequential(nn.Linear(FEATURES, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 10))
    return WithHead(Trunk(norm=False), "classifier", head)


def _make_squeezenet(**_: Any) -> nn.Module:
    head = nn.Sequential(nn.Dropout(), nn.Conv2d(FEATURES, 10, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
    return WithHead(Mapped(), "classifier", head)


def _make_headless(**_: Any) -> nn.Module:
    return Trunk()


def _make_video(**_: Any) -> nn.Module:
    trunk = nn.Sequential(nn.Conv3d(3, FEATURES, 3), nn.AdaptiveAvgPool3d(1), nn.Flatten())
    return WithHead(trunk, "head", nn.Sequential(nn.Dropout(), nn.Linear(FEATURES, 10)))


def _publish_dense(name: str) -> str:
    return name.replace("norm1", "norm.1").replace("conv1", "conv.1")


IMAGES: dict[str, Callable[..., nn.Module]] = {
    "resnet2": _make_resnet,
    "densenet3": _make_densenet,
    "vgg3": _make_vgg,
    "squeezenet1": _make_squeezenet,
    "vit_t_4": _make_vit,
    "googlenet": _make_inception,
    "regnet_t": _make_stubborn,
    "headless": _make_headless,
}
WEIGHTS: dict[str, dict[str, Weight]] = {
    "resnet2": {
        "IMAGENET1K_V1": Weight(_make_resnet, mean=(0.1, 0.2, 0.3)),
        "IMAGENET1K_V2": Weight(_make_resnet),
    },
    "densenet3": {"IMAGENET1K_V1": Weight(_make_densenet, published=_publish_dense)},
    "vit_t_4": {
        "IMAGENET1K_SWAG_E2E_V1": Weight(lambda: _make_vit(image_size=20), 20),
        "IMAGENET1K_V1": Weight(_make_vit, 16),
    },
    "googlenet": {"IMAGENET1K_V1": Weight(lambda: _make_inception(init_weights=False))},
    "r2_video": {"KINETICS400_V1": Weight(_make_video, 12, notes=(("min_temporal_size", 5),))},
}


def make_torchvision(*, offline: bool = False) -> Any:
    """Make a module as torchvision's, with its `models` and their `video`."""
    video, models, library = (ModuleType(name) for name in ("video", "models", "torchvision"))
    makers = {**IMAGES, "r2_video": _make_video}

    def list_models(module: Any = None) -> list[str]:
        return ["r2_video"] if module is video else [*IMAGES]

    def get_model(name: str, *, weights: None, **options: Any) -> nn.Module:
        assert weights is None
        return makers[name](**options)

    def get_model_weights(name: str) -> Any:
        found = WEIGHTS.get(name) or {"IMAGENET1K_V1": Weight(makers[name])}
        members = {key: replace(value, offline=offline) for key, value in found.items()}
        members["DEFAULT"] = [*members.values()][-1]  # an equal value: another name of the last
        return Weights(f"{name}_Weights", members)  # type: ignore[call-arg]

    for function in (list_models, get_model, get_model_weights):
        setattr(models, function.__name__, function)
    models.video, library.models = video, models  # type: ignore[attr-defined]
    return library


def put_in(monkeypatch: pytest.MonkeyPatch, *, offline: bool = False) -> None:
    """Let `import timm` and `import torchvision` find the stand-ins."""
    monkeypatch.setitem(sys.modules, "timm", make_timm(offline=offline))
    monkeypatch.setitem(sys.modules, "torchvision", make_torchvision(offline=offline))
