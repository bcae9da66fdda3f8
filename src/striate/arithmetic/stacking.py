"""Small kernels stacked in place of a large one: as wide a view from fewer weights."""

from __future__ import annotations

from striate.arithmetic.cost import count_convolution_parameters
from striate.arithmetic.padding import require_positive
from striate.errors import ShapeError


def stack_kernels(size: int, small: int = 3) -> int:
    """Count the stride-1 kernels of `small` that see exactly as much as one of `size`: (size - 1)/(small - 1).

    Raises: ShapeError if no number of them does.
    Source: Simonyan & Zisserman 2014, arXiv:1409.1556, sec. 2.3.

    >>> stack_kernels(7), stack_kernels(4, small=2)
    (3, 3)
    """
    require_positive(size=size, small=small)
    if size == 1:
        return 0
    if small == 1:
        raise ShapeError(f"kernels of 1 see 1 cell however many they are, but {size} are wanted. Use small 2 or more.")
    count, rest = divmod(size - 1, small - 1)
    if rest:
        below = size - rest
        raise ShapeError(
            f"stacked kernels of {small} see {below} or {below + small - 1} cells, not {size}. "
            f"Use one of those sizes, or small 2, which reaches every size."
        )
    return count


def compare_stack(size: int, channels: int, axes: int = 2, small: int = 3) -> tuple[int, int]:
    """Count the weights of one kernel of `size`, and of the stack of `small` ones that sees as much.

    `channels` go in and out of each layer; there is no bias.

    Raises: ShapeError if no stack sees as much, or a number is below 1.
    Source: Simonyan & Zisserman 2014, arXiv:1409.1556, sec. 2.3.

    >>> compare_stack(7, channels=64)
    (200704, 110592)
    """
    require_positive(channels=channels, axes=axes)
    layers = stack_kernels(size, small)
    one, each = (count_convolution_parameters(channels, channels, (s,) * axes, bias=False) for s in (size, small))
    return one, layers * each
