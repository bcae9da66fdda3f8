"""Numbers per axis: one number stands for all axes, and a torch layer exists for one to three of them."""

from __future__ import annotations

from collections.abc import Sequence

from striate.arithmetic import Pair, require_positive
from striate.errors import InputError

Numbers = int | Sequence[int]
"""One number for every axis, or one per axis."""


def require_axes(axes: int) -> None:
    """Raise InputError unless torch has layers of that many axes."""
    if axes not in (1, 2, 3):
        raise InputError(f"the input has {axes} spatial axes, but torch convolves and pools 1, 2 or 3. Reshape it.")


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
