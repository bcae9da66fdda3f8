"""sketch: what a network's text says, at once: names, shapes, parameters, multiplies; or where it is wrong.

It is the build's own shape pass, without a trace: fast enough for every keystroke. `measure_sketch` then asks the trace
for the rest, and says where the two don't agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from striate.errors import InputError, NotationError
from striate.nets.editing import find_places
from striate.nets.notation import parse
from striate.nets.outline import Node, Row, count_uses, list_nodes, match, outline
from striate.nets.shapes import Placed, place

if TYPE_CHECKING:
    from striate.measure.table import Table
    from striate.nets.tree import Net
    from striate.nets.words.word import Shape


@dataclass(frozen=True)
class Problem:
    """What is wrong with a text: `length` letters from `line` and `column`, which count from 1, as `at` from 0."""

    message: str
    line: int
    column: int
    at: int
    length: int


@dataclass(frozen=True)
class Sketch:
    """A network at a glance; where `problem` says what is wrong, the rest is empty.

    `ends` has the offset behind each layer's text, and `uses` how many layers that place stands for, by its offset.
    """

    input: Shape | None = None
    nodes: Row = ()
    layers: int = 0
    parameters: int = 0
    multiplies: int | None = 0
    ends: dict[int, int] | None = None
    uses: dict[int, int] | None = None
    problem: Problem | None = None


@lru_cache(maxsize=64)
def read_text(text: str) -> Net:
    """Read a text, or give what it was read as before. Raises: NotationError, as `parse`."""
    return parse(text)


@lru_cache(maxsize=16)
def place_text(text: str, input: Shape | None, classes: int | None) -> tuple[Placed, ...]:
    """Give every layer of a text its shapes. Raises: NotationError, as `place`."""
    return place(read_text(text), input, classes)


@lru_cache(maxsize=16)
def sketch(text: str, input: Shape | None = None, classes: int | None = None, *, folds: bool = True) -> Sketch:
    r"""Give a text's layers with their shapes and counts; without `folds` each repetition by itself.

    Cost:    a few milliseconds for a network of fifty layers.

    >>> found = sketch("input 3x32x32\nconv3-16, bn, relu\n")
    >>> [(node.path, node.output, node.parameters, node.multiplies) for node in found.nodes][0]
    ('conv1', (16, 32, 32), 432, 442368)
    >>> found = sketch("input 3x32x32\nconv3-16, bnn").problem
    >>> found.line, found.column, found.length
    (2, 11, 3)
    """
    try:
        net, placed = read_text(text), place_text(text, input, classes)
    except InputError as error:
        return Sketch(problem=find_problem(text, error))
    nodes = outline(placed, folds=folds)
    layers = [node for node in list_nodes(nodes) if node.kind == "layer"]
    ends = {at: layer.end for at, layer in find_places(net)[0].items()}
    return Sketch(
        input or net.input,
        nodes,
        sum(node.count for node in layers),
        sum(node.count * node.parameters for node in layers),
        _add_up([(node.count, node.multiplies) for node in layers]),
        ends,
        dict(count_uses(nodes)),
    )


def find_problem(text: str, error: InputError) -> Problem:
    """Where in the text an error is, and how many letters it concerns."""
    if not isinstance(error, NotationError):
        return Problem(str(error), 1, 1, 0, 0)
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
    met = re.match(r"[\w.:]+|\S", text[at:])
    return Problem(error.problem, error.line, error.column, min(at, len(text)), len(met[0]) if met else 1)


def measure_sketch(
    text: str,
    input: Shape | None = None,
    classes: int | None = None,
    batch: int = 1,
    *,
    folds: bool = True,
    check: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    r"""Trace a text's network; its figures by the sketch's numbers of nodes, the totals, and where the two differ.

    `check` is asked between the steps and may raise.

    Raises:  InputError where the network can't be run.

    >>> found = measure_sketch("input 1x8x8\nconv3-4, relu")
    >>> found["disagreements"], found["totals"]["multiplies"], found["rows"][0]["field"]
    ([], 2304, '3×3')
    """
    from striate.verbs.joining import join_rows, list_totals

    drawn = sketch(text, input, classes, folds=folds)
    if drawn.problem:
        raise InputError(drawn.problem.message)
    check()
    table = trace_text(text, input, classes, batch)
    check()
    ways = match(drawn.nodes, place_text(text, input, classes))
    rows = join_rows(table.rows, ways)
    return {"rows": rows, "totals": list_totals(table), "disagreements": compare_counts(drawn, rows, table, batch)}


@lru_cache(maxsize=3)
def trace_text(text: str, input: Shape | None, classes: int | None, batch: int) -> Table:
    """Measure a text's network, or give what it measured before. Raises: InputError, as `measure`."""
    from striate.verbs.measuring import measure

    return measure(read_text(text), input, batch, classes)


def compare_counts(drawn: Sketch, rows: dict[int, dict[str, Any]], table: Table, batch: int) -> list[str]:
    """Each line says where the shape pass and the trace give different numbers; none is what is right."""
    found = []
    for node in list_nodes(drawn.nodes):
        row = rows.get(node.id)
        if node.kind == "layer" and node.multiplies is not None and row is not None and row["status"] == "exact":
            found += _compare(node, row, batch)
    if drawn.parameters != table.parameters:
        found.append(f"in all: {drawn.parameters:,} parameters by shape, {table.parameters:,} traced")
    return found


def _compare(node: Node, row: dict[str, Any], batch: int) -> list[str]:
    wanted = {
        "parameters": node.count * node.parameters,
        "multiplies": batch * node.count * (node.multiplies or 0),
        "output": list(node.output),
    }
    return [
        f"{node.path}: {name} {shape} by shape, {row[name]} traced"
        for name, shape in wanted.items()
        if row[name] != shape
    ]


def _add_up(parts: list[tuple[int, int | None]]) -> int | None:
    return None if any(number is None for _, number in parts) else sum(count * (number or 0) for count, number in parts)
