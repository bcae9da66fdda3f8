"""Tasks whose network gives a row of numbers for each input: what a network yields for them, and what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from striate.errors import InputError, ShapeError


def split_rows(outputs: Any, subject: str, row: str) -> tuple[Tensor, tuple[Tensor, ...]]:
    """A network's rows and those of its side heads, if it has any; `subject` needs a `row` of them an input.

    Shape: each [count, outputs].

    Raises:
        ShapeError: where the outputs are anything but rows.
    """
    main, *sides = outputs if isinstance(outputs, tuple) and outputs else (outputs,)
    for head in (main, *sides):
        if not isinstance(head, Tensor):
            raise ShapeError(f"the network yields a {type(head).__name__}; {subject} needs a tensor of {row}s.")
        if head.ndim != 2:
            found = "x".join(str(extent) for extent in head.shape[1:]) or "a single number"
            raise ShapeError(
                f"the network yields {found} for each input; {subject} needs one row of {row}s: "
                "add gap, flatten, fc-classes."
            )
    return main, tuple(sides)


def read_rows(targets: Tensor, what: str, part: str) -> Tensor:
    """Targets as rows of numbers; a single number each is a row of one.

    Raises:
        InputError: for another form, or values that aren't finite.
    """
    rows = targets[:, None] if targets.ndim == 1 else targets
    if rows.ndim != 2 or not rows.shape[1] or rows.is_complex():
        raise InputError(f"{part} labels: {list(targets.shape)} of {targets.dtype}; {what} per input are needed.")
    if rows.is_floating_point() and not bool(rows.isfinite().all()):
        broken = int((~rows.isfinite()).any(1).nonzero()[0])
        raise InputError(f"{part} labels: those of sample {broken} are not finite; {what} are needed. Leave it out.")
    return rows


def check_row(shape: Sequence[int], targets: Tensor, part: str) -> int:
    """The number of a network's outputs, which must be one for each column of the targets.

    Raises:
        InputError: where it isn't.
    """
    found, needed = int(shape[0]), int(targets.shape[1])
    if found != needed:
        raise InputError(
            f"{part} part: {needed} labels a sample, but the network has {found} outputs; make them alike."
        )
    return found
