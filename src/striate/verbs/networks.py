"""read and build: from a name or a text to a module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
    only where the text says so.

    Raises:  NotationError where a layer can't take the shape that meets it.

    >>> module = build("lenet5", classes=10)
    >>> sum(parameter.numel() for parameter in module.parameters())
    61706
    """
    from striate.nets.build import make_module

    tree = net if isinstance(net, Net) else read(net)
    return make_module(tree, None if input is None else tuple(input), classes, seed=seed)
