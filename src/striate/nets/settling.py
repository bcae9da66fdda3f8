"""What the layers after a layer settle for it: no bias before `bn`, and the activation its weights are drawn for."""

from __future__ import annotations

from dataclasses import replace

from striate.nets.expansion import Branches, Expanded, Part, Piece
from striate.nets.vocabulary import ACTIVATIONS, WEIGHTED, WITHOUT_BIAS_BEFORE_BN
from striate.nets.words.word import Plain


def settle(items: Expanded) -> Expanded:
    """Set `bias` and `activation` of every layer by what follows it, in one pass from the end.

    >>> from striate.nets.notation import parse
    >>> from striate.nets.expansion import expand
    >>> [(layer.bias, layer.activation) for layer in settle(expand(parse("conv3-8, bn, relu, conv3-8")))]
    [(False, 'relu'), (True, 'relu'), (True, None), (True, None)]
    """
    return _settle(items, None, None)[0]


def _settle(items: Expanded, word: str | None, activation: str | None) -> tuple[Expanded, str | None, str | None]:
    """Settle a row of items; `word` is the layer right behind it, `activation` the first one behind it."""
    settled: list[Part] = []
    for item in reversed(items):
        if isinstance(item, Plain):
            settled.append(_settle_layer(item, word, activation))
            word = item.word
            # Two layers with weights in a row are linear together: the first is not drawn for what follows the second.
            activation = word if word in ACTIVATIONS else None if word in WEIGHTED else activation
        elif isinstance(item, Piece):
            inner, word, activation = _settle(item.items, word, activation)
            settled.append(replace(item, items=inner))
        else:
            item, activation = _settle_branches(item, activation)
            settled.append(item)
            word = item.word
    return tuple(reversed(settled)), word, activation


def _settle_layer(layer: Plain, word: str | None, activation: str | None) -> Plain:
    bias = not (word == "bn" and layer.word in WITHOUT_BIAS_BEFORE_BN)
    return replace(layer, bias=bool(layer.options.get("bias", bias)), activation=activation)


def _settle_branches(item: Branches, activation: str | None) -> tuple[Branches, str | None]:
    """Each branch is followed by what follows the bracket; before it comes the first activation inside."""
    results = [_settle(branch, None, activation) for branch in item.branches]
    firsts = [first for branch, _, first in results if branch]
    return replace(item, branches=tuple(branch for branch, _, _ in results)), firsts[0] if firsts else activation
