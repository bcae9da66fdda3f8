"""The shape of every layer's output, by integers alone: no torch, no memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from striate.errors import NetShapeError, ShapeError
from striate.nets.beside import Beside
from striate.nets.expansion import Branches, Expanded, Part, Piece, expand
from striate.nets.pairing import pair
from striate.nets.paths import name_parts
from striate.nets.settling import settle
from striate.nets.tree import Net
from striate.nets.vocabulary import LAYERS, SIDES
from striate.nets.words.word import Plain, Shape, write_shape

MOST_ELEMENTS = 2**40


@dataclass(frozen=True)
class Placed:
    """A part of the network with its name, and the shapes that meet it and leave it (without the batch).

    `rows` are the parts inside: one row for a piece, one per branch for branches, none for a layer.
    """

    name: str
    part: Part
    input: Shape
    output: Shape
    rows: tuple[tuple[Placed, ...], ...] = ()
    parameters: int = 0

    @property
    def word(self) -> str:
        """The word of a layer or bracket, the name of a definition."""
        return self.part.name if isinstance(self.part, Piece) else self.part.word

    @property
    def text(self) -> str:
        """A layer as its text; a bracket or a piece as its word."""
        return str(self.part) if isinstance(self.part, Plain) else f"{self.word}[ ]"


def place(net: Net, input: Shape | None = None, classes: int | None = None) -> tuple[Placed, ...]:
    """Give every layer its name, its shapes and its number of parameters.

    Raises:  NetShapeError (a NotationError and a ShapeError) where a layer can't take the shape that meets it;
             NotationError for anything else that is wrong with the text.

    >>> from striate.nets.notation import parse
    >>> [(part.name, part.output, part.parameters) for part in place(parse("conv3-8/2, relu, gap"), (1, 28, 28))]
    [('conv1', (8, 14, 14), 80), ('relu1', (8, 14, 14), 0), ('gap1', (8, 1, 1), 0)]
    """
    shape = input or net.input
    if shape is None:
        found = "found no input's shape, neither in the text nor given, needed one such as 3x224x224"
        raise net.fail(0, f"{found}. Begin with `input 3x224x224`, or give input= (--input 3x224x224)")
    if any(extent < 1 for extent in shape) or math.prod(shape) > MOST_ELEMENTS:
        found = f"the input is {write_shape(shape)}, needed whole numbers from 1 and at most 2^40 elements"
        raise net.fail(0, f"{found}. Change it")
    return _Placer(net).place_net(pair(settle(expand(net, classes)), net), shape)


def list_layers(placed: tuple[Placed, ...], prefix: str = "") -> Iterator[tuple[str, Placed]]:
    """Every layer and bracket with its path, in the order in which they run."""
    for part in placed:
        path = prefix + part.name
        for number, row in enumerate(part.rows, 1):
            inner = f"{path}.branch{number}." if isinstance(part.part, Branches) else f"{path}."
            yield from list_layers(row, inner)
        if not isinstance(part.part, Piece):
            yield path, part


class _Placer:
    """Walks the network once, shape in hand."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.beside = Beside()

    def place_net(self, items: Expanded, shape: Shape) -> tuple[Placed, ...]:
        row = self.place_row(items, shape)
        if loose := self.beside.find_loose_end(row[-1].output if row else shape):
            raise self._fail(*loose)
        return row

    def place_row(self, items: Expanded, shape: Shape) -> tuple[Placed, ...]:
        row: list[Placed] = []
        for name, item in name_parts(items):
            row.append(self._place_part(name, item, shape))
            shape = row[-1].output
        return tuple(row)

    def _place_part(self, name: str, item: Part, shape: Shape) -> Placed:
        if isinstance(item, Piece):
            inner = self.place_row(item.items, shape)
            return Placed(name, item, shape, inner[-1].output if inner else shape, (inner,))
        if isinstance(item, Branches):
            return self._place_branches(name, item, shape)
        return self._place_layer(name, item, shape)

    def _place_layer(self, name: str, layer: Plain, shape: Shape) -> Placed:
        word = LAYERS[layer.word]
        try:
            layer = self.beside.give(layer, shape)
            output = word.shape(layer, shape)
            self.beside.note_pool(layer, shape, output)
            parameters = word.parameters(layer, shape)
        except ShapeError as fact:
            raise self._fail(layer, f"{name} (`{layer}`) on {write_shape(shape)}: {fact}") from None
        self._check_size(name, layer, max(math.prod(output), parameters))
        return Placed(name, layer, shape, output, (), parameters)

    def _place_branches(self, name: str, item: Branches, shape: Shape) -> Placed:
        if item.word == "aux":
            return self._place_head(name, item, shape)
        rows = tuple(self.place_row(branch, shape) for branch in item.branches)
        shapes = tuple(row[-1].output if row else shape for row in rows)
        try:
            if item.word in SIDES:
                self.beside.note_side(item, shapes[0])
            output = shape if item.word in SIDES else join_shapes(item.word, shapes)
        except ShapeError as fact:
            raise self._fail(item, f"{name}: {fact}") from None
        self._check_size(name, item, math.prod(output))
        return Placed(name, item, shape, output, rows)

    def _place_head(self, name: str, item: Branches, shape: Shape) -> Placed:
        """A side head: it runs in training alone, so that nothing from beside reaches it or leaves it."""
        outer, self.beside = self.beside, Beside()
        row = self.place_net(item.branches[0], shape)
        if self.beside.sides:
            raise self._fail(self.beside.sides[0][0], "found an `aux[...]` inside another, needed it outside. Move it")
        self.beside = outer
        self.beside.note_side(item, row[-1].output)
        return Placed(name, item, shape, shape, (row,))

    def _check_size(self, name: str, item: Plain | Branches, elements: int) -> None:
        if elements > MOST_ELEMENTS:
            found = f"{name} makes a tensor of {elements:,} elements, needed at most 2^40"
            raise self._fail(item, f"{found}. Use fewer channels, or a smaller input")

    def _fail(self, item: Plain | Branches, problem: str) -> NetShapeError:
        if isinstance(item, Plain) and item.trail:
            problem += f" (in {' > '.join(item.trail)})"
        error = self.net.fail(item.at, problem)
        placed = NetShapeError(problem, source=error.source, line=error.line, column=error.column)
        placed.args = error.args
        return placed


def join_shapes(word: str, shapes: tuple[Shape, ...]) -> Shape:
    """The shape of branches that meet.

    Raises:  ShapeError where they differ: in anything (`add`), in extents (`cat`), or in more than sizes of 1 (`mul`).

    >>> join_shapes("cat", ((3, 8, 8), (5, 8, 8)))
    (8, 8, 8)
    >>> join_shapes("mul", ((64, 8, 8), (64, 1, 1)))
    (64, 8, 8)
    """
    listed = " and ".join(map(write_shape, shapes))
    if word == "cat":
        if len({shape[1:] for shape in shapes}) > 1:
            raise ShapeError(
                f"the branches give {listed}, needed equal extents. Give them the same strides and padding"
            )
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])
    if word == "add":
        if len(set(shapes)) > 1:
            raise ShapeError(f"the branches give {listed}, needed equal shapes. Match their channels and strides")
        return shapes[0]
    if len({len(shape) for shape in shapes}) > 1:
        raise ShapeError(f"the branches give {listed}, needed as many axes each. Leave out `flatten`")
    largest = tuple(max(sizes) for sizes in zip(*shapes, strict=True))
    if any(size not in (1, most) for shape in shapes for size, most in zip(shape, largest, strict=True)):
        raise ShapeError(f"the branches give {listed}, needed equal sizes or 1. Match their channels and strides")
    return largest
