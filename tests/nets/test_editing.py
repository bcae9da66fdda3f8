from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.errors import NotationError
from striate.nets import Net, parse
from striate.nets.editing import edit, find_places
from striate.nets.tree import Bracket, Layer, Sequence


def find(net: Net, word: str, turn: int = 1) -> int:
    """The offset of the turn-th layer of that word."""
    places = sorted(at for at, layer in find_places(net)[0].items() if layer.word == word)
    return places[turn - 1]


def read(text: str) -> Sequence:
    return parse(text).body if text else ()


@pytest.mark.parametrize(
    ("text", "turn", "items", "wanted"),
    [
        ("conv3-8, relu, bn", 1, "", "conv3-8, bn"),
        ("conv3-8 , relu , bn", 1, "", "conv3-8 , bn"),
        ("relu, bn", 1, "", "bn"),
        ("bn, relu", 1, "", "bn"),
        ("conv3-8\nrelu\nbn\n", 1, "", "conv3-8\nbn\n"),
        ("conv3-8\nrelu", 1, "", "conv3-8\n"),
        ("conv3-8\nrelu  # why\nbn", 1, "", "conv3-8\n# why\nbn"),
        ("conv3-8,\n  relu,  # why\n  bn", 1, "", "conv3-8,\n  # why\n  bn"),
        ("conv3-8,\n  relu,\n  bn", 1, "", "conv3-8,\n  bn"),
        ("conv3-8,\n  relu", 1, "", "conv3-8\n"),
        ("conv3-8,  # first\n  relu", 1, "", "conv3-8  # first\n"),
        ("relu,\n  bn", 1, "", "  bn"),
        ("add[conv3-8 | relu]", 1, "", "add[conv3-8 | ]"),
        ("add[relu | conv3-8]", 1, "", "add[ | conv3-8]"),
        ("[conv3-8, relu]*2", 1, "", "[conv3-8]*2"),
        ("def f(n) = conv3-n, relu  # a piece\nf(8), relu", 1, "", "def f(n) = conv3-n  # a piece\nf(8), relu"),
        ("def f(n) = conv3-n, relu  # a piece\nf(8), relu", 2, "", "def f(n) = conv3-n, relu  # a piece\nf(8)"),
        ("conv3-8, relu, bn", 1, "tanh", "conv3-8, tanh, bn"),
        ("conv3-8, relu, bn", 1, "tanh, conv1-(4*2)/2 pad=0:1", "conv3-8, tanh, conv1-(4*2)/2 pad=0:1, bn"),
        ("relu*3", 1, "tanh, gelu", "[tanh, gelu]*3"),
        ("relu*3", 1, "tanh", "tanh*3"),
        ("[relu]*3, relu", 1, "tanh, gelu", "[tanh, gelu]*3, relu"),
        ("conv3-8,relu#x\n# y\nbn", 1, "gelu", "conv3-8,gelu#x\n# y\nbn"),
    ],
)
def test_only_the_layer_changes(text: str, turn: int, items: str, wanted: str) -> None:
    net = parse(text)
    assert edit(net, {find(net, "relu", turn): read(items)}).text == wanted


def test_several_places_at_once() -> None:
    net = parse("relu, relu, conv3-8 pad=1*2, relu,\n relu, bn")
    edits = {find(net, "relu", turn): () for turn in (1, 2, 3, 4)} | {find(net, "conv"): read("conv5-8, gelu")}
    assert edit(net, edits).text == "[conv5-8, gelu]*2,\n bn"


@pytest.mark.parametrize("text", ["relu", "relu*2, bn", "[relu]*2", "def f = relu\nf, bn", "bn, [[relu]]"])
def test_a_layer_that_stands_alone_stays(text: str) -> None:
    net = parse(text)
    with pytest.raises(NotationError, match="no other layer in this piece"):
        edit(net, {find(net, "relu"): ()})


def test_a_comment_inside_a_layer_is_not_lost() -> None:
    net = parse("conv(3 # the size\n)-8, relu")
    with pytest.raises(NotationError, match="comment inside `conv3-8`"):
        edit(net, {0: read("conv5-8")})


def scribble(text: str, random: Random) -> str:
    """Comments, blanks and line ends that mean nothing, put where the notation allows them."""

    def choose(match: re.Match[str]) -> str:
        return match[0] + random.choice(["", "", " ", "\n  ", "  # relu, [\n ", "\n\n"])

    # `input`'s shape, and options behind a bracket, stay as they are.
    return "\n".join(
        re.sub(r", |\| |\[", choose, line) + random.choice(["", "  # bn |", " "]) for line in text.split("\n")
    )


@given(seed=st.integers(0, 2**32))
def test_any_layers_of_any_text(grow_net: Callable[[int], Net], seed: int) -> None:
    """What is left is what was there: comments in order, and all layers but those replaced."""
    random = Random(seed)
    net = parse(scribble(str(grow_net(seed)), random))
    layers, _ = find_places(net)
    if not layers:
        return
    for at, layer in layers.items():
        assert parse(net.text[at : layer.end]).body == (layer,)
    chosen = random.sample(sorted(layers), random.randint(1, min(4, len(layers))))
    edits = {at: read(random.choice(["", "relu", "relu, conv3-8 pad=1", "add[bn | ]"])) for at in chosen}
    edited = attempt(net, edits)
    if edited is None:
        assert () in edits.values()
        return
    assert re.findall(r"#.*", edited.text) == re.findall(r"#.*", net.text)
    words = [layer.word for _, layer in sorted(find_places(edited)[0].items())]
    wanted = [
        word
        for at, layer in sorted(layers.items())
        for word in ([layer.word] if at not in edits else [found.word for found in walk(edits[at])])
    ]
    assert words == wanted
    assert edited.text.count("\n") <= net.text.count("\n")


def attempt(net: Net, edits: dict[int, Sequence]) -> Net | None:
    """The edited network; None where a layer stands alone."""
    try:
        return edit(net, edits)
    except NotationError as problem:
        if "no other layer" in problem.problem:
            return None
        raise


def walk(items: Sequence) -> list[Layer]:
    inner = [(item.branches[0] if isinstance(item, Bracket) else (item,)) for item in items]
    return [layer for row in inner for layer in row if isinstance(layer, Layer)]
