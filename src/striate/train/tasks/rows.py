"""Tasks whose network gives a row of numbers for each input: what a network yields for them, and what it needs."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from striate.errors import InputError


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
