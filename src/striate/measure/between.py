"""What one cell sees in every value on the way to it, and, the other way round, where in later values it is heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from striate.measure.bits import carry, fill, list_bits
from striate.measure.operation import Value
from striate.measure.reach import Axis, Digit, Joined, Only, Reach, Same, Sources, Whole
from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.rule import read_everything
from striate.measure.rules.steps import look_through
from striate.measure.sight import MOST_BLOCKS, Block, Sight, drop_dominated, find_start, walk_back
from striate.measure.trace import Trace


def look_between(trace: Trace, value: Value, cell: Sequence[int], *, channels: bool = False) -> dict[int, Sight]:
    """Find what one cell of a value sees in each value before it, by the value's `id`; the input is among them.

    Shape:   as `look_back`; of each value its axes after batch and channels, of a flat one its channels. With
             `channels` that axis stands first.
    Cost:    one walk back for all of them.
    Raises:  InputError if there is no such cell.
    """
    target, met = trace.inputs[0], dict[int, list[Block]]()
    blocks, is_exact = walk_back(target, value, find_start(trace, value, cell), met)
    met[id(target)] = blocks
    shapes = {id(target): target.shape} | {
        id(made): made.shape for operation in trace.operations for made in (*operation.outputs, *operation.writes)
    }
    return {
        key: describe_blocks(shapes[key], found, is_exact=is_exact, channels=channels)
        for key, found in met.items()
        if key in shapes
    }


def look_ahead(trace: Trace, value: Value, cell: Sequence[int], *, channels: bool = False) -> dict[int, Sight]:
    """Find where one cell of a value can be heard: in each value that hangs on it the cells that see it.

    Shape:   `cell` is channel and place, or the place alone (all channels together); sights as of `look_between`.
    Cost:    one walk forward through the operations.
    Raises:  InputError if there is no such cell.
    """
    heard: dict[int, list[Block]] = {id(value): [find_start(trace, value, cell)]}
    found, is_exact = {id(value): value}, True
    for operation in trace.operations:
        if operation.phase != "forward" or not any(id(source) in heard for source in operation.inputs):
            continue
        rule = find_rule(operation)
        is_exact = is_exact and rule is not None
        for number, made in enumerate((*operation.outputs, *operation.writes)):
            known = rule is not None and number < len(operation.outputs)
            sources = rule.reach(operation, number) if rule is not None and known else read_everything(operation)
            blocks = drop_dominated([*_hear(sources, made, heard)])
            if len(blocks) > MOST_BLOCKS:
                blocks, is_exact = [_unite(blocks)], False
            if blocks and id(made) not in heard:
                heard[id(made)], found[id(made)] = blocks, made
    return {
        key: describe_blocks(found[key].shape, blocks, is_exact=is_exact, channels=channels)
        for key, blocks in heard.items()
    }


def describe_blocks(
    shape: tuple[int, ...], blocks: Sequence[Block], *, is_exact: bool, channels: bool = False
) -> Sight:
    """Sets over all axes as what is seen along those after batch and channels; of a flat value, along its channels."""
    lead = 2 if len(shape) > 2 and not channels else min(1, len(shape))
    return Sight(shape[lead:], tuple(drop_dominated([block[lead:] for block in blocks if all(block)])), is_exact)


def _unite(blocks: Sequence[Block]) -> Block:
    united = [0] * len(blocks[0])
    for block in blocks:
        united = [bits | more for bits, more in zip(united, block, strict=True)]
    return tuple(united)


def _hear(sources: Sources, made: Value, heard: dict[int, list[Block]]) -> Iterator[Block]:
    for source, reach in sources:
        between = look_through(source)
        blocks = heard.get(id(source), []) if between is None else [*_hear(between, source, heard)]
        for block in blocks:
            for part in _part(reach, block, source.shape):
                outputs = _turn(reach, part, source.shape, made.shape)
                if all(outputs):
                    yield outputs


def _part(reach: Reach, block: Block, shape: tuple[int, ...]) -> Iterator[Block]:
    """Split a set where one axis counts through several of the output's, unless it holds the whole axis."""
    choices: list[list[int]] = []
    for axis, bits, extent in zip(reach, block, shape, strict=True):
        apart = isinstance(axis, Joined) and bits != fill(extent)
        choices.append([1 << index for index in list_bits(bits)] if apart else [bits])
    yield from product(*choices)


def _turn(reach: Reach, block: Block, shape: tuple[int, ...], made: tuple[int, ...]) -> Block:
    """The output's cells that read any cell of the set; an output axis that nothing is said of is read whole."""
    outputs = [fill(extent) for extent in made]
    for axis, bits, extent in zip(reach, block, shape, strict=True):
        for dim, seen in _list_readers(axis, bits, extent, made):
            outputs[dim] &= seen
    return tuple(outputs)


def _list_readers(axis: Axis, bits: int, extent: int, made: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Per axis of the output, the indices that read any of these of the input."""
    match axis:
        case Same(dim):
            yield dim, bits
        case Whole():
            return
        case Only(cells):
            if made and not any(bits >> index & 1 for index in cells):
                yield 0, 0
        case Digit(dim, divide, modulo):
            yield dim, _gather(index for index in range(made[dim]) if bits >> (index // divide % modulo) & 1)
        case Joined(dims, extents):
            if bits != fill(extent) or prod(extents) > extent:
                yield from _split(bits, dims, extents)
        case _:
            dim = axis.dim
            outputs = [0] * len(made)
            readers = 0
            for index in range(made[dim]):
                outputs[dim] = 1 << index
                if carry(axis, outputs, extent) & bits:
                    readers |= 1 << index
            yield dim, readers


def _split(bits: int, dims: tuple[int, ...], extents: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """A single number as its digits; of a set, what each digit may be."""
    for place, dim in enumerate(dims):
        below = prod(extents[place + 1 :])
        yield dim, _gather(index // below % extents[place] for index in list_bits(bits))


def _gather(indices: Iterator[int]) -> int:
    bits = 0
    for index in indices:
        bits |= 1 << index
    return bits
