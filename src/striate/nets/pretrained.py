"""What a network that begins with a backbone asks of its data: channels, extents, normalisation."""

from __future__ import annotations

from collections.abc import Iterator

from striate.errors import ShapeError
from striate.nets.backbones import Demands, Findings, find_demands, inspect_backbone
from striate.nets.shapes import Placed, list_layers
from striate.nets.tree import Bracket, Call, Definition, Group, Layer, Net, Repeat, Sequence
from striate.nets.vocabulary import BACKBONES, LAYERS
from striate.nets.words.word import Plain


def find_input_demands(net: Net) -> Demands | None:
    r"""What the backbone asks for that the input meets first; None for a network that begins otherwise.

    Where branches begin with several backbones, the first one with trained weights counts.

    Raises:  NotationError at the backbone, where its library is missing or has no such network.

    >>> from striate.nets.notation import parse
    >>> find_input_demands(parse("conv3-3, timm:resnet18, fc-classes")) is None
    True
    """
    definitions = {definition.name: definition for definition in net.definitions}
    found = [_find(net, layer) for layer in _find_first(net.body, definitions) if layer.word in BACKBONES]
    return next((demands for demands in found if demands.trained), found[0] if found else None)


def inspect_backbones(placed: tuple[Placed, ...]) -> tuple[Findings, ...]:
    """What is known of every backbone in a network, in the order in which they run."""
    layers = ((part.part, part.input) for _, part in list_layers(placed))
    return tuple(
        inspect_backbone(layer, shape)
        for layer, shape in layers
        if isinstance(layer, Plain) and layer.word in BACKBONES
    )


def _find(net: Net, layer: Layer) -> Demands:
    readers = LAYERS[layer.word].options
    options = {}
    for option in layer.options:
        try:
            options[option.key] = readers[option.key](tuple(map(str, option.setting)))
        except ValueError as needed:
            found = f"found `{option}` on `{layer.word}`, needed {needed}"
            raise net.fail(option.at, f"{found}. Change it") from None
    try:
        return find_demands(Plain(layer.word, options=options, name=layer.name))
    except ShapeError as fact:
        raise net.fail(layer.at, f"`{layer}`: {fact}") from None


def _find_first(items: Sequence, definitions: dict[str, Definition]) -> Iterator[Layer]:
    """The layers that the input meets first: one, or one for each branch."""
    if not items:
        return
    first = items[0]
    if isinstance(first, Layer):
        yield first
    elif isinstance(first, Repeat):
        yield from _find_first((first.item,), definitions)
    elif isinstance(first, Call):
        yield from _find_first(definitions[first.name].items, definitions)
    elif isinstance(first, Group):
        yield from _find_first(first.items, definitions)
    elif isinstance(first, Bracket):
        for branch in first.branches:
            yield from _find_first(branch, definitions)
