from __future__ import annotations

from random import Random

import pytest

from striate.errors import NotationError
from striate.nets import parse
from striate.nets.expansion import Branches, Expanded, Piece, expand
from striate.nets.pairing import pair
from striate.nets.words.word import Plain


def list_plain(items: Expanded) -> list[Plain]:
    plain: list[Plain] = []
    for item in items:
        if isinstance(item, Plain):
            plain.append(item)
        elif isinstance(item, Piece):
            plain += list_plain(item.items)
        elif isinstance(item, Branches):
            plain += [layer for branch in item.branches for layer in list_plain(branch)]
    return plain


def pair_slowly(words: list[str]) -> list[bool] | None:
    """Forward, with a pile of pools: which of the pools are undone; None where an unpool finds none."""
    undone, pile = [False] * len(words), []
    for place, word in enumerate(words):
        if word == "maxpool2":
            pile.append(place)
        elif word == "unpool":
            if not pile:
                return None
            undone[pile.pop()] = True
    return undone


def write(words: list[str], random: Random) -> str:
    """The words in a row, some stretches of it in brackets or definitions."""
    if len(words) < 2 or random.random() < 0.3:
        return ", ".join(words)
    cut, end = sorted(random.sample(range(len(words) + 1), 2))
    inner = write(words[cut:end], random)
    form = random.choice(["[{}]", "add[{} | ]", "cat[ | {}]", "tap[{}], taps"])
    return ", ".join(part for part in (", ".join(words[:cut]), form.format(inner), ", ".join(words[end:])) if part)


@pytest.mark.parametrize("seed", range(150))
def test_pairs_as_brackets_do(seed: int) -> None:
    random = Random(seed)
    words = random.choices(["maxpool2", "unpool", "relu"], weights=[3, 2, 1], k=random.randint(1, 9))
    net = parse(write(words, random))
    expected = pair_slowly(words)
    if expected is None:
        with pytest.raises(NotationError, match="without a `maxpool`"):
            pair(expand(net), net)
        return
    layers = [layer for layer in list_plain(pair(expand(net), net)) if layer.word in ("maxpool", "unpool", "relu")]
    assert [layer.undone for layer in layers] == expected


def test_a_side_head_pairs_within_itself() -> None:
    net = parse("maxpool2, aux[maxpool2, unpool], relu")
    assert [layer.undone for layer in list_plain(pair(expand(net), net))] == [False, True, False, False]
    outside = parse("maxpool2, aux[unpool], relu")
    with pytest.raises(NotationError, match="text:1:15: found an `unpool` without"):
        pair(expand(outside), outside)


def test_each_use_of_a_definition_pairs_by_itself() -> None:
    net = parse("def half = maxpool2, relu\nhalf*2, unpool")
    assert [layer.undone for layer in list_plain(pair(expand(net), net)) if layer.word == "maxpool"] == [False, True]
