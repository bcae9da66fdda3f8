"""Where one weight of a layer is used: every cell that it helps to make, and the input cell that it meets there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from striate.errors import InputError
from striate.explain.sums.asked import place
from striate.explain.sums.layers import Layer
from striate.explain.sums.origins import Scope, find_origin
from striate.explain.sums.playing import Play
from striate.explain.sums.spelled import Places
from striate.measure.operation import Operation, Value
from striate.measure.rules.convolution import ARGUMENTS, find_windows
from striate.measure.rules.matrix import PRODUCTS, find_product


@dataclass(frozen=True, eq=False)
class Uses:
    """One weight and its places: `outputs` [uses, axes] are cells of the layer, `inputs` those that it meets there.

    An input of -1 is padding.
    """

    layer: str
    parameter: str
    index: tuple[int, ...]
    value: float
    outputs: Places = field(repr=False)
    inputs: Places = field(repr=False)


def find_uses(playing: Play, layer: Layer, index: Sequence[int]) -> Uses:
    """Find all places where a weight, given by its index in the layer's parameter, is used.

    Cost:    in proportion to the layer's cells.
    Raises:  InputError for a layer without weights that are multiplied, and for an index that there isn't.
    """

    def scope(operation: Operation) -> bool:
        return operation.call == layer.call and operation.index <= layer.operation.index

    made, flat = _chain(playing, layer, scope)
    operation = made.maker
    assert operation is not None
    data, weight = _split(playing, operation, scope)
    origin = find_origin(playing, weight, scope)
    (base, root), *others = origin.roots
    if others or root.origin != "parameter":
        raise InputError(f"layer {layer.name}: its weights are no parameter of its own, so their places can't be told")
    spot = _check(root, index)
    cells = np.argwhere(origin.numbers == base + 1 + int(np.ravel_multi_index(spot, root.shape)))
    pairs = [_meet(operation, data, weight, made, tuple(map(int, cell))) for cell in cells]
    outputs = np.concatenate([each[0] for each in pairs] or [np.zeros((0, len(made.shape)), np.int64)])
    inputs = np.concatenate([each[1] for each in pairs] or [np.zeros((0, len(data.shape)), np.int64)])
    inside = np.asarray((inputs >= 0).all(1))
    held = np.where(inside[:, None], inputs, 0)
    entering = find_origin(playing, data, scope)
    numbers = np.where(inside, entering.numbers[tuple(held.T)], 0) if len(held) else np.zeros(0, np.int64)
    met, _, _ = place(numbers, entering)
    cells_of = np.full(int(np.prod(made.shape)), -1, np.int64)
    kept = flat.reshape(-1) >= 0
    cells_of[flat.reshape(-1)[kept]] = np.flatnonzero(kept)
    shown = cells_of[np.ravel_multi_index(tuple(outputs.T), made.shape)] if len(outputs) else numbers
    there = shown >= 0
    places = np.stack(np.unravel_index(shown[there], layer.value.shape), 1)[:, 1:]
    return Uses(layer.name, root.name, spot, float(playing.read(root)[spot]), places, met[there])


def _check(root: Value, index: Sequence[int]) -> tuple[int, ...]:
    spot = tuple(index)
    if len(spot) != len(root.shape) or not all(0 <= one < extent for one, extent in zip(spot, root.shape, strict=True)):
        shown = "x".join(map(str, root.shape))
        raise InputError(f"weight: found {', '.join(map(str, spot))}, needed an index into {root.name}, {shown}")
    return spot


def _chain(playing: Play, layer: Layer, scope: Scope) -> tuple[Value, Places]:
    """What the layer's product made, and for each cell of the layer the number of the product's cell in it, else -1."""
    value, flat = layer.value, np.arange(int(np.prod(layer.value.shape))).reshape(layer.value.shape)
    while True:
        origin = find_origin(playing, value, scope)
        found = [(base, root) for base, root in origin.roots if root.maker is not None and scope(root.maker)]
        if len(found) != 1:
            break
        base, root = found[0]
        moved = origin.numbers.reshape(-1)
        inside = (moved > base) & (moved <= base + int(np.prod(root.shape)))
        cells = np.where(inside, moved - base - 1, -1)
        flat = np.where(flat >= 0, cells[np.where(flat >= 0, flat, 0)], -1)
        maker = root.maker
        if maker is None or maker.name in ARGUMENTS or maker.name in PRODUCTS:
            return root, flat
        value = next((each for each in maker.inputs if each.shape == root.shape and each.origin != "parameter"), root)
        if maker.name.removesuffix("_") != "add" or value is root:
            break
    raise InputError(
        f"layer {layer.name}: it multiplies by no weights of its own. Choose a convolution or a dense layer"
    )


def _split(playing: Play, operation: Operation, scope: Scope) -> tuple[Value, Value]:
    """What is weighed, and the weights."""
    if operation.name in ARGUMENTS:
        data, weight = operation.arguments[:2]
        return data, weight
    (left, _), (right, _) = find_product(operation).find_factors(operation)
    roots = find_origin(playing, right, scope).roots
    is_weight = all(root.origin in ("parameter", "buffer") for _, root in roots)
    return (left, right) if is_weight else (right, left)


def _meet(
    operation: Operation, data: Value, weight: Value, made: Value, cell: tuple[int, ...]
) -> tuple[Places, Places]:
    """The output cells that a weight of the operation takes part in, and the data cells it meets, -1 where none."""
    if operation.name in PRODUCTS:
        return _meet_product(operation, data, weight, cell)
    windows = find_windows(operation)
    transposed, batch = windows[0].transposed, range(made.shape[0])
    groups = (made.shape[1] // weight.shape[1]) if transposed else data.shape[1] // weight.shape[1]
    first, second, *taps = cell
    if transposed:
        read, output = first, first * groups // data.shape[1] * weight.shape[1] + second
    else:
        read, output = first * groups // made.shape[1] * weight.shape[1] + second, first
    spans = data.shape[2:] if transposed else made.shape[2:]
    grid = np.stack([each.reshape(-1) for each in np.meshgrid(batch, *map(np.arange, spans), indexing="ij")], 1)
    steps = np.array([window.stride for window in windows])
    shift = np.array([tap * window.dilation - window.before for tap, window in zip(taps, windows, strict=True)])
    far = grid[:, 1:] * steps + shift
    limits = np.array((made if transposed else data).shape[2:])
    inside = ((far >= 0) & (far < limits)).all(1)
    near_channel, far_channel = (read, output) if transposed else (output, read)
    near = np.insert(grid, 1, near_channel, 1)
    beyond = np.insert(np.insert(far, 0, far_channel, 1), 0, grid[:, 0], 1)
    if transposed:
        return beyond[inside], near[inside]
    beyond[~inside] = -1
    return near, beyond


def _meet_product(operation: Operation, data: Value, weight: Value, cell: tuple[int, ...]) -> tuple[Places, Places]:
    product = find_product(operation)
    factors = {id(value): letters for value, letters in product.find_factors(operation)}
    known = dict(zip(factors[id(weight)], cell, strict=True))
    letters = factors[id(data)]
    runs = [
        [known[letter]] if letter in known else np.arange(extent)
        for letter, extent in zip(letters, data.shape, strict=True)
    ]
    inputs = np.stack([each.reshape(-1) for each in np.meshgrid(*runs, indexing="ij")], 1)
    columns = [
        inputs[:, letters.index(letter)] if letter in letters else np.full(len(inputs), known[letter])
        for letter in product.output
    ]
    return np.stack(columns, 1), inputs
