"""Matrix products under all their names: each is a sum of products over indices, written with a letter per axis."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from striate.arithmetic import count_linear_multiplies
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Reach, Same, Sources, Whole
from striate.measure.rules.rule import Rule, spread
from striate.measure.sharing import find_owners


@dataclass(frozen=True)
class Product:
    """Two factors and their product, as `torch.einsum` writes them: letters that the output lacks are summed over.

    `place` is that of the first factor among the arguments; what stands before it is added, spread over the output.
    """

    left: str
    right: str
    output: str
    place: int = 0

    def find_factors(self, operation: Operation) -> tuple[tuple[Value, str], tuple[Value, str]]:
        """Both factors, each with the letters of its axes."""
        left, right = operation.arguments[self.place : self.place + 2]
        return (left, self.left), (right, self.right)


PRODUCTS = {
    "mm": Product("ij", "jk", "ik"),
    "_int_mm": Product("ij", "jk", "ik"),
    "bmm": Product("bij", "bjk", "bik"),
    "mv": Product("ij", "j", "i"),
    "dot": Product("j", "j", ""),
    "vdot": Product("j", "j", ""),
    "addmm": Product("ij", "jk", "ik", 1),
    "_addmm_activation": Product("ij", "jk", "ik", 1),
    "baddbmm": Product("bij", "bjk", "bik", 1),
    "addbmm": Product("bij", "bjk", "ik", 1),
    "addmv": Product("ij", "j", "i", 1),
    "addr": Product("i", "k", "ik", 1),
}


def find_product(operation: Operation) -> Product:
    """The product that an operation, or the twin that doesn't work in place, is."""
    return PRODUCTS[operation.name.removesuffix("_")]


def count_multiplies(operation: Operation) -> int:
    """One for each combination of all indices; factors of the whole (`alpha`, `beta`) are free.

    >>> import torch
    >>> from striate.measure.trace import trace
    >>> count_multiplies(trace(torch.nn.Linear(3, 4), (3,), batch=2).operations[-1])
    24
    """
    extents: dict[str, int] = {}
    for value, letters in find_product(operation).find_factors(operation):
        extents.update(zip(letters, value.shape, strict=True))
    return prod(extents.values())


def read(operation: Operation, output: int = 0) -> Sources:
    """Row i of the left factor, column k of the right one; of what is added its own cell (none if `beta` is 0)."""
    product = find_product(operation)
    added = () if operation.keywords.get("beta", 1) == 0 else operation.arguments[: product.place]
    sources: Sources = [(value, spread(value, operation.outputs[0].shape)) for value in added]
    for value, letters in product.find_factors(operation):
        sources.append((value, tuple(_find_letter(letter, product.output) for letter in letters)))
    return sources


def _find_letter(letter: str, output: str) -> Axis:
    return Same(output.index(letter)) if letter in output else Whole()


def name_kind(operation: Operation) -> str:
    """A layer's product with a parameter is fc, any other matmul."""
    if operation.phase == "backward":
        return "gradient"
    factors = find_product(operation).find_factors(operation)
    return "fc" if any(find_owners(value) for value, _ in factors) else "matmul"


def count_linear(operation: Operation) -> int:
    """Count a linear layer that arrives whole: every vector of its input by the weight."""
    source, weight = operation.get(0, "input"), operation.get(1, "weight")
    return count_linear_multiplies(weight.shape[-1], prod(weight.shape[:-1]), prod(source.shape[:-1]))


def read_linear(operation: Operation, output: int = 0) -> Sources:
    """Each vector of the output reads the vector at its place."""
    source, weight, bias = operation.get(0, "input"), operation.get(1, "weight"), operation.get(2, "bias")
    last = len(operation.outputs[0].shape) - 1
    sources: Sources = [(source, (*map(Same, range(len(source.shape) - 1)), Whole()))]
    sources.append((weight, (Same(last), Whole()) if len(weight.shape) == 2 else (Whole(),)))
    if isinstance(bias, Value):
        sources.append((bias, spread(bias, operation.outputs[0].shape)))
    return sources


def count_affine_grid(operation: Operation) -> int:
    """Every point of the grid, a one added to its coordinates, by the matrix of its sample.

    Source: Jaderberg et al. 2015, arXiv:1506.02025, equation 1.
    """
    theta: Value = operation.get(0, "theta")
    return prod(operation.outputs[0].shape) * theta.shape[-1]


def read_affine_grid(operation: Operation, output: int = 0) -> Sources:
    """Coordinate c of every point reads row c of its sample's matrix."""
    return [(operation.get(0, "theta"), (Same(0), Same(len(operation.outputs[0].shape) - 1), Whole()))]


@dataclass(frozen=True)
class _Factor:
    """One factor of a product of three: the extent of each axis that it has, by the axis's number."""

    value: Value
    extents: dict[int, int]


def _find_three(operation: Operation) -> tuple[list[_Factor], tuple[int, ...]]:
    """The factors of `_trilinear`, and the axes that are summed over; all are numbered after expansion."""
    factors = []
    for place in range(3):
        value, expanded = operation.arguments[place], operation.arguments[3 + place]
        axes = (axis for axis in range(len(value.shape) + len(expanded)) if axis not in expanded)
        factors.append(_Factor(value, dict(zip(axes, value.shape, strict=True))))
    return factors, tuple(operation.arguments[6])


def count_trilinear(operation: Operation) -> int:
    """Two products, one after the other; what the third factor lacks is summed over before it comes in.

    For a bilinear layer: samples * outputs * left * right, and samples * outputs * right.

    Source: Tenenbaum & Freeman 2000, "Separating style and content with bilinear models", equation 1.
    """
    (first, second, third), summed = _find_three(operation)
    pair = first.extents | second.extents
    left = {axis: extent for axis, extent in pair.items() if axis not in summed or axis in third.extents}
    return prod(pair.values()) + prod((left | third.extents).values())


def read_trilinear(operation: Operation, output: int = 0) -> Sources:
    """Along the axes that stay, cell by cell; the whole of those that are summed over."""
    factors, summed = _find_three(operation)
    axes = sorted({axis for factor in factors for axis in factor.extents} - set(summed))
    return [(factor.value, _read_factor(factor, axes)) for factor in factors]


def _read_factor(factor: _Factor, axes: list[int]) -> Reach:
    return tuple(Same(axes.index(axis)) if axis in axes else Whole() for axis in factor.extents)


def name_bilinear(operation: Operation) -> str:
    """In the backward pass the same operation makes gradients."""
    return "gradient" if operation.phase == "backward" else "bilinear"


RULES = {
    **{name: Rule(name_kind, read, count_multiplies) for name in PRODUCTS},
    "linear": Rule("fc", read_linear, count_linear),
    "affine_grid_generator": Rule("grid", read_affine_grid, count_affine_grid),
    "_trilinear": Rule(name_bilinear, read_trilinear, count_trilinear),
}
