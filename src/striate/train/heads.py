"""A network's heads, the main one and those at its sides: in which form they come, and how their losses add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from striate.errors import ShapeError

# GoogLeNet's weight for its side heads: Szegedy et al. 2014, arXiv:1409.4842, section 5.
SIDE_WEIGHT = 0.3

Heads = tuple[Tensor, tuple[Tensor, ...]]


def split_rows(outputs: Any, subject: str, row: str) -> Heads:
    """A network's rows and those of its side heads, if it has any; `subject` needs a `row` of them an input.

    Shape: each [count, outputs].

    Raises:
        ShapeError: where the outputs are anything but rows.
    """
    heads = list_heads(outputs)
    for head in heads:
        if not isinstance(head, Tensor):
            raise ShapeError(f"the network yields a {type(head).__name__}; {subject} needs a tensor of {row}s.")
        if head.ndim != 2:
            found = "x".join(str(extent) for extent in head.shape[1:]) or "a single number"
            raise ShapeError(
                f"the network yields {found} for each input; {subject} needs one row of {row}s: "
                "add gap, flatten, fc-classes."
            )
    return heads[0], heads[1:]


def split_cells(outputs: Any, needed: str, axes: int | None = None) -> Heads:
    """A network's values at cells and those of its side heads; `needed` says what they should have been.

    Shape: each [count, channels, *extents], of as many `axes` as are given; left out, of three or more.

    Raises:
        ShapeError: where the outputs are anything else.
    """
    heads = list_heads(outputs)
    for head in heads:
        if not isinstance(head, Tensor) or (head.ndim < 3 if axes is None else head.ndim != axes):
            found = "x".join(map(str, head.shape[1:])) if isinstance(head, Tensor) else type(head).__name__
            raise ShapeError(f"the network yields {found or 'a number'} for each input; needed {needed}")
    return heads[0], heads[1:]


def list_heads(outputs: Any) -> tuple[Any, ...]:
    """What a network yields, as one head or several; an empty tuple is one, and a wrong one."""
    return outputs if isinstance(outputs, tuple) and outputs else (outputs,)


def add_sides(losses: Sequence[Tensor], side_weights: Sequence[float]) -> Tensor:
    """The main head's loss with those of the side heads, 0.3 of each that has no weight of its own."""
    main, *sides = losses
    for index, side in enumerate(sides):
        main = main + (side_weights[index] if index < len(side_weights) else SIDE_WEIGHT) * side
    return main
