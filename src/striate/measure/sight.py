"""Exactly which input cells one cell of a row sees: a walk back through the trace, by sets of indices per axis."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt

from striate.errors import InputError
from striate.measure.bits import carry, divide_digits, fill, list_bits
from striate.measure.operation import Operation, Value
from striate.measure.reach import Digit, Reach, Sources
from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.rule import read_everything
from striate.measure.trace import Trace

Block = tuple[int, ...]
"""A set of cells: those whose index along each axis is in that axis's set."""
MOST_BLOCKS = 256


@dataclass(frozen=True)
class Sight:
    """What one cell sees of an input of `extents` cells per axis: the union of `blocks`, sets of indices per axis.

    Iterating gives, for each axis, the range from the first to the last index seen; `size` and `offset` say the same.
    `is_exact` is false where an operation without a rule, or too ragged a set, made it a set that contains the true
    one.
    """

    extents: tuple[int, ...]
    blocks: tuple[Block, ...]
    is_exact: bool = True

    @cached_property
    def indices(self) -> tuple[tuple[int, ...], ...]:
        """For each axis, every index that is seen."""
        united = [0] * len(self.extents)
        for block in self.blocks:
            united = [bits | more for bits, more in zip(united, block, strict=True)]
        return tuple(tuple(list_bits(bits)) for bits in united)

    def __iter__(self) -> Iterator[range]:
        """For each axis, the range from the first to the last index seen."""
        return (range(seen[0], seen[-1] + 1) if seen else range(0) for seen in self.indices)

    @property
    def size(self) -> tuple[int, ...]:
        """The extent of what is seen, holes included, per axis."""
        return tuple(len(seen) for seen in self)

    @property
    def offset(self) -> tuple[int, ...]:
        """The first index seen, per axis."""
        return tuple(seen.start for seen in self)

    @cached_property
    def mask(self) -> npt.NDArray[np.bool_]:
        """True where the input is seen.

        Shape:  the input's spatial extents.
        """
        seen = np.zeros(self.extents, bool)
        for block in self.blocks:
            seen[np.ix_(*(list(list_bits(bits)) for bits in block))] = True
        return seen

    @property
    def cells(self) -> int:
        """How many input cells are seen."""
        if len(self.blocks) == 1:
            return prod(bits.bit_count() for bits in self.blocks[0])
        return int(self.mask.sum())

    @property
    def covered(self) -> Fraction:
        """The share of the input between the first and the last index seen."""
        return Fraction(prod(self.size), prod(self.extents))

    @property
    def touched(self) -> Fraction:
        """Of what is covered, the share that is really seen."""
        return Fraction(self.cells, prod(self.size)) if all(self.size) else Fraction(0)


def look_back(trace: Trace, value: Value, cell: Sequence[int] | int, input: int = 0) -> Sight:
    """Find what one cell of a value sees of an input of the trace, in one sample.

    Shape:   `cell` is the place along the axes after batch and channels (all channels together), or channel and place.
    Raises:  InputError if there is no such cell.
    Source:  the support of the gradient, found by going back through the graph without arithmetic.
    """
    target = trace.inputs[input]
    blocks, is_exact = walk_back(target, value, find_start(trace, value, cell))
    spatial = drop_dominated([block[2:] for block in blocks if all(block)])
    return Sight(target.shape[2:], tuple(spatial), is_exact)


def find_start(trace: Trace, value: Value, cell: Sequence[int] | int) -> Block:
    """The sets that hold one cell of a value; without its channel, those of all channels.

    Raises:  InputError if there is no such cell.
    """
    place = (cell,) if isinstance(cell, int) else tuple(cell)
    batched = bool(value.shape) and value.shape[0] == trace.batch
    shape = value.shape[1:] if batched else value.shape
    if len(place) not in (len(shape), len(shape) - 1):
        shown = "x".join(map(str, shape))
        raise InputError(
            f"cell {place}: found {len(place)} indices, needed {len(shape) - 1} or {len(shape)} into {shown}"
        )
    free = shape[: len(shape) - len(place)]
    for index, extent in zip(place, shape[len(free) :], strict=True):
        if not 0 <= index < extent:
            raise InputError(
                f"cell {place}: found index {index}, needed 0 to {extent - 1} in {'x'.join(map(str, shape))}"
            )
    return ((1,) if batched else ()) + tuple(fill(extent) for extent in free) + tuple(1 << index for index in place)


def walk_back(
    target: Value, value: Value, start: Block, met: dict[int, list[Block]] | None = None
) -> tuple[list[Block], bool]:
    """Carry sets from a value back to `target`, the latest operation first, so that each is met once.

    `met` is given the sets of every value on the way, by its `id`.
    """
    waiting: dict[int, tuple[Value, list[Block]]] = {id(value): (value, [start])}
    order = [(-value.maker.index, id(value))] if value.maker else []
    found: list[Block] = [start] if value is target else []
    is_exact = True
    while order:
        _, key = heapq.heappop(order)
        current, blocks = waiting.pop(key)
        if current.maker is None or not current.maker.depends:
            continue
        blocks, kept = _limit(drop_dominated(blocks))
        if met is not None:
            met[key] = blocks
        sources, known = _read(current.maker, current)
        is_exact = is_exact and kept and known
        for source, reach in sources:
            if source is not target and (source.maker is None or not source.maker.depends):
                continue
            carried = [made for block in blocks for made in _carry_block(source, reach, block)]
            if source is target:
                found.extend(carried)
            elif id(source) in waiting:
                waiting[id(source)][1].extend(carried)
            elif carried:
                waiting[id(source)] = (source, carried)
                heapq.heappush(order, (-source.maker.index, id(source)))  # type: ignore[union-attr]
    return found, is_exact


def _read(operation: Operation, value: Value) -> tuple[Sources, bool]:
    """What the operation reads to make this value, and whether that is known."""
    rule = find_rule(operation)
    made = [number for number, output in enumerate(operation.outputs) if output is value]
    if rule is None or not made:
        return read_everything(operation), False
    return rule.reach(operation, made[0]), True


def _carry_block(source: Value, reach: Reach, block: Block) -> Iterator[Block]:
    for part in _divide(reach, block):
        made = tuple(carry(axis, part, extent) for axis, extent in zip(reach, source.shape, strict=True))
        if all(made):
            yield made


def _divide(reach: Reach, block: Block) -> Iterator[Block]:
    """Split a block where several axes of the input are digits of one axis of the output."""
    digits: dict[int, list[tuple[int, int]]] = {}
    for axis in reach:
        if isinstance(axis, Digit):
            digits.setdefault(axis.dim, []).append((axis.divide, axis.modulo))
    several = [dim for dim, found in digits.items() if len(found) > 1]
    if not several:
        yield block
        return
    choices = [divide_digits(bits, digits[dim]) if dim in several else [bits] for dim, bits in enumerate(block)]
    yield from product(*choices)


def drop_dominated(blocks: list[Block]) -> list[Block]:
    """Leave out what lies inside another block, and join two that differ along one axis alone."""
    kept: list[Block] = []
    for block in dict.fromkeys(blocks):
        if any(_contains(other, block) for other in kept):
            continue
        kept = [other for other in kept if not _contains(block, other)]
        kept.append(block)
    return kept


def _contains(outer: Block, inner: Block) -> bool:
    return all(small & ~large == 0 for large, small in zip(outer, inner, strict=True))


def _limit(blocks: list[Block]) -> tuple[list[Block], bool]:
    """Past a bound, take the box around all instead; the answer then contains the true one."""
    if len(blocks) <= MOST_BLOCKS:
        return blocks, True
    united = [0] * len(blocks[0])
    for block in blocks:
        united = [bits | more for bits, more in zip(united, block, strict=True)]
    return [tuple(united)], False
