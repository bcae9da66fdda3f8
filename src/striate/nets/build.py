"""Tree + input shape -> an ordinary `torch.nn.Module`."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import nn

from striate.errors import InputError, ShapeError
from striate.layers import Add, Aux, CarryingNet, CarryingRow, Cat, Mul, Tap, carries
from striate.nets.backbones import make_backbones
from striate.nets.expansion import Branches, Piece
from striate.nets.initialisation import initialise
from striate.nets.reader import MOST_AXES
from striate.nets.shapes import Placed, list_layers, place
from striate.nets.tree import Net
from striate.nets.vocabulary import BACKBONES, LAYERS, SIDES
from striate.nets.words.word import Plain, Shape, write_shape

_JOINS = {"add": Add, "cat": Cat, "mul": Mul}
_SIDES: dict[str, Callable[..., nn.Module]] = {"tap": Tap, "aux": Aux}


def make_module(
    net: Net,
    input: Shape | None = None,
    classes: int | None = None,
    *,
    seed: int = 0,
    device: str = "cpu",
    pretrained: bool = True,
) -> nn.Sequential:
    """Build a network; its weights are drawn from `seed`, and torch's own random state is left alone.

    A backbone gets the trained weights that its text asks for; not without `pretrained`, where others are loaded later.

    Shape:   [N, channels, *extents] -> whatever the last layer gives; `input` is channels x extents.
    Raises:  NotationError (with the place in the text) where a layer can't be built; InputError where the
             parameters would not fit in the machine's memory.

    >>> from striate.nets.notation import parse
    >>> make_module(parse("conv3-6, relu, gap, flatten, fc-classes"), (1, 28, 28), classes=10)
    Sequential(
      (conv1): Conv2d(1, 6, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
      (relu1): ReLU()
      (gap1): AdaptiveAvgPool2d(output_size=1)
      (flatten1): Flatten(start_dim=1, end_dim=-1)
      (fc1): Linear(in_features=6, out_features=10, bias=True)
    )
    """
    placed = place(net, input, classes)
    _check_axes(placed[0].input if placed else input or ())
    _check_memory(placed, device)
    with torch.device("meta"):
        module = _make_row(placed, outermost=True)
    if device == "meta":
        return module
    _allocate(module, device)
    layers = [(path, each.part) for path, each in list_layers(placed) if isinstance(each.part, Plain)]
    own = [(path, layer) for path, layer in layers if layer.word not in BACKBONES]
    initialise([(module.get_submodule(path), layer.activation) for path, layer in own], seed)
    backbones = [(path, layer) for path, layer in layers if layer.word in BACKBONES]
    _put_in(module, net, backbones, seed, device, pretrained=pretrained)
    return module


def _allocate(module: nn.Module, device: str) -> None:
    """Give parameters and buffers memory, not yet filled.

    As `to_empty` does, whose `empty_like` of a tensor on the meta device loads sympy: a third of a second.
    """
    for part in module.modules():
        for name, value in part.named_parameters(recurse=False):
            empty = torch.empty(value.shape, dtype=value.dtype, device=device)
            part.register_parameter(name, nn.Parameter(empty, value.requires_grad))
        for name, buffer in part.named_buffers(recurse=False):
            setattr(part, name, torch.empty(buffer.shape, dtype=buffer.dtype, device=device))


def _put_in(
    module: nn.Module, net: Net, backbones: list[tuple[str, Plain]], seed: int, device: str, *, pretrained: bool
) -> None:
    """Put real backbones in the places of those without numbers: their constructors compute some of the numbers."""
    made = make_backbones([layer for _, layer in backbones], seed, pretrained=pretrained)
    for path, layer in backbones:
        try:
            module.set_submodule(path, next(made).to(device))
        except ShapeError as fact:
            raise net.fail(layer.at, f"{path} (`{layer}`): {fact}") from None


def _make_row(row: tuple[Placed, ...], *, outermost: bool = False) -> nn.Sequential:
    """A plain row, or one that hands on what travels beside the main value where a part needs that."""
    parts = OrderedDict((placed.name, _make_part(placed)) for placed in row)
    if any(map(carries, parts.values())):
        return CarryingNet(parts) if outermost else CarryingRow(parts)
    return nn.Sequential(parts)


def _make_part(placed: Placed) -> nn.Module:
    if isinstance(placed.part, Piece):
        return _make_row(placed.rows[0])
    if isinstance(placed.part, Branches):
        branches = [_make_row(row) if row else nn.Identity() for row in placed.rows]
        if placed.part.word in SIDES:
            return _SIDES[placed.part.word](*branches, **placed.part.options)
        return _JOINS[placed.part.word](branches)
    return LAYERS[placed.part.word].make(placed.part, placed.input)


def _check_axes(shape: Shape) -> None:
    if len(shape) - 1 > MOST_AXES:
        found = f"the input {write_shape(shape)} has {len(shape) - 1} spatial axes"
        raise InputError(f"{found}, needed at most {MOST_AXES}. Fold some axes into the channels")


def _check_memory(placed: tuple[Placed, ...], device: str) -> None:
    """Say that the parameters don't fit before they are allocated."""
    if device != "cpu" or not hasattr(os, "sysconf"):
        return
    bytes_there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    parameters = sum(layer.parameters for _, layer in list_layers(placed))
    if 4 * parameters > bytes_there:
        found = f"the network has {parameters:,} parameters ({4 * parameters / 2**30:,.0f} GiB)"
        raise InputError(f"{found}, needed at most the machine's {bytes_there / 2**30:,.0f} GiB. Use fewer channels")
