"""Cells chosen by indices that are data: which is read is not known, so all along the axis are. All are free."""

from __future__ import annotations

from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Reach, Same, Sources, Whole
from striate.measure.rules.rule import Rule, spread
from striate.measure.rules.selecting import find_dim, replace_axis


def read_chosen(operation: Operation, output: int = 0) -> Sources:
    """Indices into one axis (`index_select`)."""
    value, index, dim = operation.get(0, "self"), operation.get(2, "index"), find_dim(operation)
    return [*replace_axis(value, dim, Whole()), *_read_list(index, dim)]


def _read_list(index: Value, dim: int) -> Sources:
    return [(index, tuple(Same(dim) for _ in index.shape))]


def read_gathered(operation: Operation, output: int = 0) -> Sources:
    """Each output cell has an index into one axis of its own."""
    value, index, dim = operation.get(0, "self"), operation.get(2, "index"), find_dim(operation)
    return [*replace_axis(value, dim, Whole()), *_keep(index)]


def _keep(value: Value) -> Sources:
    return [(value, tuple(Same(axis) for axis in range(len(value.shape))))]


def read_taken(operation: Operation, output: int = 0) -> Sources:
    """Indices into all cells."""
    value, index = operation.get(0, "self"), operation.get(1, "index")
    return [(value, tuple(Whole() for _ in value.shape)), *_keep(index)]


def read_indexed(operation: Operation, output: int = 0) -> Sources:
    """Indices into several axes at once, spread to one shape that stands where the first of them stood.

    Where other axes lie between, it stands in front.
    """
    value, indices = operation.get(0, "self"), operation.get(1, "indices")
    places, first, count = _place_axes(value, indices)
    reach = tuple(Whole() if place is None else Same(place) for place in places)
    spread = [(index, _spread_at(index, first, count)) for index in indices if isinstance(index, Value)]
    return [(value, reach), *spread]


def _place_axes(value: Value, indices: list[Value | None]) -> tuple[list[int | None], int, int]:
    """Each axis's place in the result (None: it is indexed); where the indices' axes begin there; how many they are."""
    chosen = [dim for dim, index in enumerate(indices) if index is not None]
    count = max(len(index.shape) for index in indices if index is not None)
    together = chosen == list(range(chosen[0], chosen[-1] + 1))
    first = chosen[0] if together else 0
    places: list[int | None] = []
    kept = 0
    for dim in range(len(value.shape)):
        if dim in chosen:
            places.append(None)
            continue
        places.append(kept if kept < first else kept + count)
        kept += 1
    return places, first, count


def _spread_at(index: Value, first: int, count: int) -> Reach:
    shift = first + count - len(index.shape)
    return tuple(Whole() if extent == 1 else Same(shift + axis) for axis, extent in enumerate(index.shape))


def read_put(operation: Operation, output: int = 0) -> Sources:
    """A copy with some cells from elsewhere, their places given by indices into several axes."""
    value, indices, source = operation.get(0, "self"), operation.get(1, "indices"), operation.get(2, "values")
    places, _, count = _place_axes(value, indices)
    made = len(value.shape) - sum(place is None for place in places) + count
    shift = made - len(source.shape)
    back = {place: dim for dim, place in enumerate(places) if place is not None}
    reach: list[Axis] = []
    for axis, extent in enumerate(source.shape):
        dim = back.get(axis + shift)
        reach.append(Whole() if dim is None or extent == 1 else Same(dim))
    known = [index for index in indices if isinstance(index, Value)]
    return [*_keep(value), (source, tuple(reach)), *((index, _whole(index)) for index in known)]


def _whole(value: Value) -> Reach:
    return tuple(Whole() for _ in value.shape)


def read_scattered(operation: Operation, output: int = 0) -> Sources:
    """A copy with cells from elsewhere (or a number), whose place along one axis is given for each."""
    value, index, source, dim = (
        operation.get(0, "self"),
        operation.get(2, "index"),
        operation.get(3, "src"),
        find_dim(operation),
    )
    given = [part for part in (index, source) if isinstance(part, Value) and part.shape]
    return [*_keep(value), *(read for part in given for read in replace_axis(part, dim, Whole()))]


def read_listed(operation: Operation, output: int = 0) -> Sources:
    """A copy with whole slices from elsewhere (or a number), their places along one axis in a list."""
    value, index, source, dim = (
        operation.get(0, "self"),
        operation.get(2, "index"),
        operation.get(3, "source"),
        find_dim(operation),
    )
    filled = [*_keep(value), (index, _whole(index))]
    return [*filled, *replace_axis(source, dim, Whole())] if isinstance(source, Value) and source.shape else filled


def read_embedding(operation: Operation, output: int = 0) -> Sources:
    """A word's row of the weight, which counts as read whole; the cells of a word have an axis of their own."""
    weight, indices = operation.get(0, "weight"), operation.get(1, "indices")
    return [(weight, _whole(weight)), *_keep(indices)]


def read_embedding_bag(operation: Operation, output: int = 0) -> Sources:
    """A sum over bags of words, whose borders are data."""
    return [(value, _whole(value)) for value in operation.inputs]


def read_masked_source(operation: Operation, output: int = 0) -> Sources:
    """A copy with cells from elsewhere, in order, where a mask is true."""
    value, mask, source = (operation.get(place, name) for place, name in enumerate(("self", "mask", "source")))
    shape = operation.outputs[output].shape
    return [(value, spread(value, shape)), (mask, spread(mask, shape)), (source, _whole(source))]


def read_sorted_places(operation: Operation, output: int = 0) -> Sources:
    """Each number's place among sorted borders."""
    borders = operation.get(1, "boundaries")
    return [*_keep(operation.get(0, "self")), (borders, _whole(borders))]


SCATTERED = Rule("scatter", read_scattered)
LISTED = Rule("scatter", read_listed)

RULES = {
    "index_select": Rule("index", read_chosen),
    "gather": Rule("index", read_gathered),
    "take": Rule("index", read_taken),
    "index": Rule("index", read_indexed),
    "_unsafe_index": Rule("index", read_indexed),
    "index_put": Rule("scatter", read_put),
    "_unsafe_index_put": Rule("scatter", read_put),
    "_index_put_impl_": Rule("scatter", read_put),
    **dict.fromkeys(("scatter", "scatter_add", "scatter_reduce"), SCATTERED),
    **dict.fromkeys(("index_add", "index_copy", "index_fill", "index_reduce"), LISTED),
    "masked_scatter": Rule("scatter", read_masked_source),
    "bucketize": Rule("index", read_sorted_places),
    "embedding": Rule("embed", read_embedding),
    "embedding_renorm_": Rule("embed", read_embedding),
    **dict.fromkeys(("_embedding_bag", "_embedding_bag_forward_only"), Rule("embed", read_embedding_bag)),
}
