"""Distances between all pairs of vectors: like a matrix product, with squared differences in place of products."""

from __future__ import annotations

from itertools import combinations
from math import prod

from striate.measure.operation import Operation, Value
from striate.measure.reach import Listed, Reach, Same, Sources, Whole
from striate.measure.rules.rule import Rule, read_everything, spread


def count_multiplies(operation: Operation) -> int:
    """One square for each pair and coordinate in the Euclidean distance, computed so or as a matrix product.

    The columns of ones that bring in the norms where it is a product are not counted; other norms don't multiply.
    """
    if operation.name != "_euclidean_dist" and operation.get(_find_norm(operation), "p", 2.0) != 2:
        return 0
    vectors: Value = operation.arguments[1 if operation.name.endswith("backward") else 0]
    pairs: Value = operation.arguments[0] if operation.name.endswith("backward") else operation.outputs[0]
    return prod(pairs.shape) * vectors.shape[-1]


def _find_norm(operation: Operation) -> int:
    """The place of `p`: after the gradient and the one or two sets of vectors."""
    return (2 if "cdist" in operation.name else 1) + operation.name.endswith("backward")


def read_cross(operation: Operation, output: int = 0) -> Sources:
    """The distance (i, j) reads vector i of the one set and vector j of the other."""
    shape = operation.outputs[0].shape
    left, right = operation.arguments[:2]
    return [(left, _read_set(left, shape, len(shape) - 2)), (right, _read_set(right, shape, len(shape) - 1))]


def _read_set(value: Value, shape: tuple[int, ...], axis: int) -> Reach:
    sets = spread(value, shape)[:-2]
    return (*sets, Same(axis), Whole())


def read_pairs(operation: Operation, output: int = 0) -> Sources:
    """Each distance reads its two vectors; the pairs are in order."""
    vectors: Value = operation.arguments[0]
    return [(vectors, (Listed(0, tuple(combinations(range(vectors.shape[0]), 2))), Whole()))]


RULES = {
    "_cdist_forward": Rule("distance", read_cross, count_multiplies),
    "_euclidean_dist": Rule("distance", read_cross, count_multiplies),
    "_pdist_forward": Rule("distance", read_pairs, count_multiplies),
    "_cdist_backward": Rule("gradient", read_everything, count_multiplies),
    "_pdist_backward": Rule("gradient", read_everything, count_multiplies),
}
