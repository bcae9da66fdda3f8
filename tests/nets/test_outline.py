from __future__ import annotations

import random

import pytest

from striate.nets.lookup import find_net, list_zoo
from striate.nets.notation import parse
from striate.nets.outline import Node, Row, count_uses, list_nodes, match, outline
from striate.nets.shapes import list_layers, place


def unfold(row: Row) -> list[tuple[str, tuple[int, ...], int]]:
    """The layers of an outline as they run, every repetition written out."""
    found = []
    for node in row:
        for _ in range(node.times):
            for inner in node.rows:
                found += unfold(inner)
        if node.kind in ("layer", "branches"):
            found.append((node.word, node.output, node.parameters))
    return found


def list_plainly(text: str, shape: tuple[int, ...] | None = None) -> list[tuple[str, tuple[int, ...], int]]:
    return [(part.word, part.output, part.parameters) for _, part in list_layers(place(parse(text), shape, 10))]


def write_random(seed: int) -> str:
    draw = random.Random(seed)

    def write_row(depth: int) -> str:
        return ", ".join(write_item(depth) for _ in range(draw.randint(1, 3)))

    def write_item(depth: int) -> str:
        kind = draw.randrange(5 if depth else 2)
        item = (
            ("relu", "conv3-4", f"[{write_row(depth - 1)}]", f"add[{write_row(depth - 1)}, conv1-4 | conv1-4]", "f")[
                kind
            ]
            if depth
            else ("relu", "conv3-4")[kind]
        )
        return item + draw.choice(["", "*2", "*5"])

    return f"def f = {write_row(0)}\n{write_row(3)}"


@pytest.mark.parametrize("seed", range(25))
def test_unfolding_gives_the_network_back(seed: int) -> None:
    text = write_random(seed)
    placed = place(parse(text), (4, 6))
    for folds in (True, False):
        row = outline(placed, folds=folds)
        assert unfold(row) == list_plainly(text, (4, 6))
        nodes = list(list_nodes(row))
        assert [node.id for node in nodes] == list(range(len(nodes)))
        assert sum(node.count for node in nodes if node.kind == "layer") == sum(
            1 for _, part in list_layers(placed) if part.word != "add"
        )


@pytest.mark.parametrize("name", list_zoo())
def test_every_layer_of_the_zoo_is_shown_by_a_node_of_its_kind(name: str) -> None:
    net = find_net(name)
    placed = place(net, None, 10)
    row = outline(placed)
    nodes: dict[int, Node] = {node.id: node for node in list_nodes(row)}
    ways = match(row, placed)
    seen = dict.fromkeys(nodes, 0)
    for path, part in list_layers(placed):
        node = nodes[ways[path]]
        seen[node.id] += 1
        assert (node.word, node.input, node.output, node.parameters) == (
            part.word, part.input, part.output, part.parameters
        )  # fmt: skip
    assert all(seen[node.id] == node.count for node in nodes.values() if node.kind in ("layer", "branches"))
    uses = count_uses(row)
    assert sum(uses.values()) == sum(node.count for node in nodes.values() if node.kind == "layer")


def test_twenty_thousand_layers_fold_into_a_few_nodes() -> None:
    row = outline(place(parse("conv3-4, [[conv3-4, relu]*10, bn]*900, gap"), (4, 8)))
    assert [(node.kind, node.times) for node in list_nodes(row)][1:3] == [("fold", 900), ("fold", 10)]
    assert len(list(list_nodes(row))) == 7


def test_a_first_time_of_another_shape_stands_before_the_fold() -> None:
    row = outline(place(parse("[conv3-16, bn, relu]*4"), (3, 8)))
    assert [(node.word, node.times) for node in row] == [("conv", 1), ("bn", 1), ("relu", 1), ("repeat", 3)]
    assert [node.word for node in row[-1].rows[0]] == ["conv", "bn", "relu"]
