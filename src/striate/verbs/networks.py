"""read, build and adopt: from a name or a text to a module, with weights of its own or from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.nets import Net, find_net

if TYPE_CHECKING:
    from torch import nn


def read(text: str | Path) -> Net:
    r"""Read a network: a zoo name, the path of a `.net` file, or the text itself.

    Raises:  InputError if it is none of these; NotationError, with line, column and caret, if its text is wrong.

    >>> str(read("conv3-8,relu,gap"))
    'conv3-8\nrelu\ngap\n'
    """
    return find_net(str(text))


def build(
    net: Net | str, input: tuple[int, ...] | None = None, classes: int | None = None, *, seed: int = 0
) -> nn.Module:
    """Build an ordinary `torch.nn.Module`, its weights drawn from `seed`.

    `input` is channels x extents (1-D, 2-D or 3-D); left out, the text's own `input` line counts. `classes` is needed
    only where the text says so. A backbone (`timm:resnet18`) comes with its library's trained weights, unless the text
    says `weights=no`.

    Raises:  NotationError where a layer can't take the shape that meets it, or trained weights can't be fetched.

    >>> module = build("lenet5", classes=10)
    >>> sum(parameter.numel() for parameter in module.parameters())
    61706
    """
    from striate.nets.build import make_module

    tree = net if isinstance(net, Net) else read(net)
    return make_module(tree, None if input is None else tuple(input), classes, seed=seed)


def adopt(module: nn.Module, state: Mapping[str, Any] | str | PathLike[str]) -> nn.Module:
    """Give a module the weights of the same network written elsewhere, and return it.

    `state` is a dict of tensors, a safetensors file, or a file that `torch.load(weights_only=True)` reads; a checkpoint
    that holds the dict as `state_dict`, `model_state_dict`, `model` or `params_ema` will do. Where both sides have the
    same names, entries go by name. Else they go by order and shape, and names are not compared: two entries of one
    shape that have changed places can't be seen. safetensors files keep no order; there it is found from the names'
    numbers and the shapes, and refused where these leave a choice. `num_batches_tracked` may be missing on either side.
    Values are cast to the module's dtype. Either all are copied or none.

    Raises:  InputError, in one line, where the state can't be read or doesn't fit: the first entry that differs.

    >>> import torch
    >>> module = adopt(build("fc-2", input=(3,)), {"head.w": torch.ones(2, 3), "head.b": torch.zeros(2)})
    >>> module.fc1.weight.sum().item()
    6.0
    """
    from striate.nets.weights import adopt_state

    adopt_state(module, state)
    return module
