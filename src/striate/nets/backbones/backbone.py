"""A backbone as a layer: its features and parameters counted without memory, and the module itself."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.errors import ShapeError
from striate.nets.backbones.demands import Demands
from striate.nets.backbones.library import load_library, quote_problem
from striate.nets.backbones.timm_models import describe_timm, make_timm
from striate.nets.backbones.torchvision_models import describe_torchvision, make_torchvision
from striate.nets.words.word import Plain, Shape, write_shape

if TYPE_CHECKING:
    from torch import nn

_DESCRIBE = {"timm": describe_timm, "torchvision": describe_torchvision}
_MAKE = {"timm": make_timm, "torchvision": make_torchvision}


@dataclass(frozen=True)
class Findings:
    """What a backbone is: the features it gives, its parameters, its layers with weights, whether it has norms."""

    features: int
    parameters: int
    depth: int
    normalised: bool


def find_demands(plain: Plain) -> Demands:
    """What a backbone asks of its input.

    Raises:  ShapeError where the library is missing, or has no such network or weights.
    """
    return _find_demands(load_library(plain.word), plain.word, plain.name, plain.options.get("weights", True))


def inspect_backbone(plain: Plain, shape: Shape) -> Findings:
    """Run a backbone on an input of this shape, without memory, and count it.

    Raises:  ShapeError where it can't take the shape, in the library's own words.
    """
    weights = plain.options.get("weights", True)
    return _inspect(load_library(plain.word), plain.word, plain.name, weights, shape)


def make_stand_in(plain: Plain) -> nn.Module:
    """Make a backbone on the meta device: every layer, and no numbers.

    Raises:  ShapeError where the library is missing, or has no such network or weights.
    """
    find_demands(plain)
    library = load_library(plain.word)
    return _make_on_meta(library, plain.word, plain.name, plain.options.get("weights", True))


def make_backbones(plains: Sequence[Plain], seed: int, *, pretrained: bool) -> Iterator[nn.Module]:
    """Make backbones one after another, random weights drawn from `seed`; torch's own random state is left alone.

    With `pretrained`, each gets the trained weights that its text asks for.

    Raises:  ShapeError where trained weights can't be had.
    """
    import torch

    state = torch.Generator().manual_seed(seed).get_state()
    for plain in plains:
        with _drawing_from(state):
            module = _make(plain, pretrained=pretrained)
            state = torch.default_generator.get_state()
        yield module


def _make(plain: Plain, *, pretrained: bool) -> nn.Module:
    library, weights = load_library(plain.word), plain.options.get("weights", True)
    make = _MAKE[plain.word]
    if not (pretrained and weights):
        return make(library, plain.name, weights, pretrained=False)
    if find_demands(plain).trained is None:
        found = f"{plain.word} has no trained weights of {plain.name}, needed some"
        raise ShapeError(f"{found}. Write `{plain.word}:{plain.name} weights=no` to start from random ones")
    try:
        return make(library, plain.name, weights, pretrained=True)
    except Exception as problem:  # whatever a download, a cache or a file may raise
        found = f"the trained weights can't be fetched ({type(problem).__name__}: {quote_problem(problem)})"
        raise ShapeError(
            f"{found}, needed once from the network, then {plain.word} keeps them. Connect, or write `weights=no`"
        ) from None


@functools.lru_cache(maxsize=256)
def _find_demands(library: Any, word: str, name: str, weights: Any) -> Demands:
    return _DESCRIBE[word](library, name, weights)


@functools.lru_cache(maxsize=256)
def _inspect(library: Any, word: str, name: str, weights: Any, shape: Shape) -> Findings:
    from torch import nn

    demands = _find_demands(library, word, name, weights)
    usual = write_shape(demands.input)
    if len(shape) != len(demands.input) or shape[0] != demands.input[0]:
        raise ShapeError(
            f"needed {demands.input[0]} channels and {len(demands.input) - 1} spatial axes, such as {usual}. "
            "Bring the input to them"
        )
    module = _make_on_meta(library, word, name, weights)
    features = _run(module, word, shape, usual, fixed=demands.fixed)
    layers = list(module.modules())
    return Findings(
        features,
        sum(parameter.numel() for parameter in module.parameters()),
        sum(isinstance(layer, nn.Linear | nn.modules.conv._ConvNd) for layer in layers),
        any("norm" in type(layer).__name__.lower() for layer in layers),
    )


def _run(module: nn.Module, word: str, shape: Shape, usual: str, *, fixed: bool) -> int:
    """How many features come out."""
    import torch

    try:
        with torch.no_grad(), torch.device("meta"):
            y = module.eval()(torch.empty(1, *shape))
    except Exception as problem:  # each network says in its own way that an input doesn't fit
        way = f"Give {usual}" if fixed else f"Give a larger input, such as {usual}"
        raise ShapeError(f"{word} refuses it ({quote_problem(problem)}), needed what it was made for. {way}") from None
    if not isinstance(y, torch.Tensor) or y.ndim != 2:
        found = f"it gives {write_shape(tuple(y.shape[1:])) if isinstance(y, torch.Tensor) else type(y).__name__}"
        raise ShapeError(f"{found}, needed flat features. Use another network")
    return int(y.shape[1])


def _make_on_meta(library: Any, word: str, name: str, weights: Any) -> nn.Module:
    import torch

    make = _MAKE[word]
    with _drawing_from(torch.default_generator.get_state()):
        try:
            with torch.device("meta"):
                return make(library, name, weights, pretrained=False)
        except NotImplementedError:  # it computes with tensors while it is made, as torchvision's RegNets do
            with torch.device("cpu"):
                return make(library, name, weights, pretrained=False).to("meta")


@contextmanager
def _drawing_from(state: Any) -> Iterator[None]:
    """Draw on the processor from this random state for a while."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.set_state(state)
        yield
