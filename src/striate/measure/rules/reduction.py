"""Operations that gather up whole axes: sums, extremes, norms, orders, softmax, running totals. All are free."""

from __future__ import annotations

from collections.abc import Sequence

from striate.arithmetic import Window
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Only, Reach, Same, Slide, Sources, Whole
from striate.measure.rules.arguments import find_argument
from striate.measure.rules.rule import Rule, read_everything, spread


def find_dims(operation: Operation) -> tuple[int, ...]:
    """The axes gathered up, counted from the front; all of them where none is named.

    >>> from striate.measure.trace import trace
    >>> import torch
    >>> find_dims(trace(torch.nn.AdaptiveAvgPool2d(1), (3, 8, 8)).operations[0])
    (2, 3)
    """
    value: Value = operation.arguments[0]
    axes, given = len(value.shape), find_argument(operation, "dim")
    if given is None or (isinstance(given, Sequence) and not given):
        return tuple(range(axes))
    named = given if isinstance(given, Sequence) else (given,)
    return tuple(sorted({dim % axes for dim in named})) if axes else ()


def read_gathered(operation: Operation, output: int = 0) -> Sources:
    """The gathered axes whole, the others cell by cell, whether those are kept with one cell or dropped."""
    value: Value = operation.arguments[0]
    dims, kept = find_dims(operation), len(operation.outputs[output].shape) == len(value.shape)
    reach: list[Axis] = []
    for axis in range(len(value.shape)):
        gone = 0 if kept else sum(dim < axis for dim in dims)
        reach.append(Whole() if axis in dims else Same(axis - gone))
    return [(value, tuple(reach))]


def read_along(operation: Operation, output: int = 0) -> Sources:
    """One axis whole, which has as many cells as before, or fewer."""
    value: Value = operation.arguments[0]
    dims = find_dims(operation)
    return [(value, tuple(Whole() if axis in dims else Same(axis) for axis in range(len(value.shape))))]


def read_shares(operation: Operation, output: int = 0) -> Sources:
    """Its own cell, and the whole axis that the shares are taken of."""
    value: Value = operation.arguments[0]
    return [(value, tuple(map(Same, range(len(value.shape))))), *read_along(operation)]


def read_renormalised(operation: Operation, output: int = 0) -> Sources:
    """Its own cell, and all that has its index along one axis."""
    value: Value = operation.arguments[0]
    (dim,) = find_dims(operation)
    norm = tuple(Same(axis) if axis == dim else Whole() for axis in range(len(value.shape)))
    return [(value, tuple(map(Same, range(len(value.shape))))), (value, norm)]


def read_running(operation: Operation, output: int = 0) -> Sources:
    """The cells along an axis up to its own: a window as long as the axis."""
    value: Value = operation.arguments[0]
    dims = find_dims(operation)
    reach = [
        Slide(axis, Window(extent, before=extent - 1, after=0)) if axis in dims and extent else Same(axis)
        for axis, extent in enumerate(value.shape)
    ]
    return [(value, tuple(reach))]


def read_trace(operation: Operation, output: int = 0) -> Sources:
    """The diagonal, cell by cell."""
    value: Value = operation.arguments[0]
    cells = [Only(range(cell, cell + 1)) for cell in range(min(value.shape))]
    return [(value, (cell, cell)) for cell in cells]


def read_searched(operation: Operation, output: int = 0) -> Sources:
    """The value that is looked for, and the whole of the sorted row it is looked for in."""
    rows, sought = operation.arguments[0], operation.arguments[1]
    shape = operation.outputs[output].shape
    row: Reach = (*map(Same, range(len(rows.shape) - 1)), Whole())
    sources: Sources = [(part, row) for part in operation.inputs if part is not sought]
    return [*sources, (sought, spread(sought, shape))] if isinstance(sought, Value) else sources


def name_pool(plain: str, pool: str) -> Rule:
    """A mean or a maximum; over all extents of an image or a volume it is the notation's global pool."""

    def name_kind(operation: Operation) -> str:
        axes = len(operation.arguments[0].shape)
        return pool if axes > 3 and find_dims(operation) == tuple(range(2, axes)) else plain

    return Rule(name_kind, read_gathered)


PLAIN = "sum prod max min median mode kthvalue aminmax argmax argmin any all var std norm logsumexp"
GATHERED = {
    **{name: name for name in PLAIN.split()},
    "amin": "min",
    "nansum": "sum",
    "nanmedian": "median",
    "var_mean": "var",
    "std_mean": "std",
    "linalg_vector_norm": "norm",
    "count_nonzero": "count",
    "histc": "histogram",
}
RUNNING = ("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp")
GRADIENTS = "_softmax_backward_data _log_softmax_backward_data"

RULES = {
    **{name: Rule(kind, read_gathered) for name, kind in GATHERED.items()},
    "mean": name_pool("mean", "gap"),
    "amax": name_pool("max", "gmp"),
    **dict.fromkeys(("_softmax", "_safe_softmax"), Rule("softmax", read_shares)),
    "_log_softmax": Rule("log_softmax", read_shares),
    **{name: Rule(name, read_running) for name in RUNNING},
    **{name: Rule(name, read_along) for name in ("sort", "topk")},
    "renorm": Rule("renorm", read_renormalised),
    "dist": Rule("distance", read_everything),
    "trace": Rule("trace", read_trace),
    "searchsorted": Rule("index", read_searched),
    **dict.fromkeys(GRADIENTS.split(), Rule("gradient", read_everything)),
}
