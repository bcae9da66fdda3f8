"""Numbers per axis: one number stands for all axes. For one to three axes torch has layers of its own."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, fx

from striate.arithmetic import Pair, require_positive
from striate.errors import InputError, ShapeError

MOST_BY_TORCH = 3

Numbers = int | Sequence[int]
"""One number for every axis, or one per axis."""


def require_axes(axes: int) -> None:
    """Raise InputError unless there is an axis to slide along."""
    if axes < 1:
        raise InputError(f"the input has {axes} spatial axes, but a window slides along 1 or more. Reshape it.")


def require_dimensions(input: Tensor, axes: int) -> None:
    """Raise ShapeError unless the input has a batch, channels, and that many axes."""
    _require_dimensions(input, axes)


# `torch.fx` can't follow a look at shapes: it records this as one call, if it is called from this very file.
@fx.wrap
def _require_dimensions(input: Tensor, axes: int) -> None:
    if input.dim() != 2 + axes:
        found = "x".join(map(str, input.shape))
        raise ShapeError(f"found an input of {found}, needed batch, channels and {axes} axes. Reshape it.")


def spread_numbers(axes: int, **named: Numbers) -> list[tuple[int, ...]]:
    """Give each named number as one per axis.

    Raises: ShapeError for a number below 1, InputError if there are more or fewer than axes.

    >>> spread_numbers(2, kernel_size=3, stride=(1, 2))
    [(3, 3), (1, 2)]
    """
    spread = []
    for name, numbers in named.items():
        per_axis = (numbers,) * axes if isinstance(numbers, int) else tuple(numbers)
        _require_count(axes, len(per_axis), name)
        for number in per_axis:
            require_positive(**{name: number})
        spread.append(per_axis)
    return spread


def spread_pairs(axes: int, pairs: Sequence[Pair] | None, name: str) -> tuple[Pair, ...]:
    """Give one pair per axis; no pair at all stands for zeros.

    Raises: InputError if there are more or fewer than axes.

    >>> spread_pairs(2, None, "pads")
    ((0, 0), (0, 0))
    """
    per_axis = ((0, 0),) * axes if pairs is None else tuple((before, after) for before, after in pairs)
    _require_count(axes, len(per_axis), name)
    return per_axis


def flatten_pairs(pairs: Sequence[Pair]) -> list[int]:
    """Order pairs as `torch.nn.functional.pad` wants them: last axis first.

    >>> flatten_pairs([(1, 2), (3, 4)])
    [3, 4, 1, 2]
    """
    return [cells for pair in reversed(pairs) for cells in pair]


def _require_count(axes: int, count: int, name: str) -> None:
    if count != axes:
        raise InputError(f"{name} is given for {count} axes, but the layer has {axes}. Give one for each axis.")
