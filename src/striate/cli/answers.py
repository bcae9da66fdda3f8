"""What can be asked of a measured network beside its table: what a cell sees, and the largest batch that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from striate.measure.inputs import Given
    from striate.measure.table import Table


def look(table: Table, name: str, cell: tuple[int, ...]) -> dict[str, Any]:
    """Say what one cell of a row sees of the input, in plain values.

    Raises:  InputError if there is no such row or cell.
    """
    from striate.measure.records import to_plain

    sight = table.field_at(name, cell)
    return {
        "name": name,
        "cell": list(cell),
        "extents": list(sight.extents),
        "size": list(sight.size),
        "offset": list(sight.offset),
        "cells": sight.cells,
        "covered": to_plain(sight.covered),
        "touched": to_plain(sight.touched),
        "exact": sight.is_exact,
    }


def write_look(look: dict[str, Any], width: int) -> str:
    """Write what a cell sees in a sentence.

    >>> seen = {"size": [9, 9], "offset": [0, 3], "cells": 25, "extents": [32, 32], "exact": True}
    >>> print(write_look({"name": "conv2", "cell": [4, 7], **seen}, 80))
    conv2 at 4,7 sees 9x9 of 32x32 (0 to 8, 3 to 11; 7.9 %); 25 of 81 cells are read
      (30.9 %)
    """
    from math import prod

    from striate.measure.wording import wrap, write_shape, write_share

    covered, whole, seen = prod(look["size"]), prod(look["extents"]), look["cells"]
    ends = ", ".join(
        f"{start} to {start + size - 1}" for start, size in zip(look["offset"], look["size"], strict=True) if size
    )
    part = f"{seen:,} of {covered:,} cells are read ({write_share(seen, covered)})"
    at_most = "" if look["exact"] else "at most "
    said = f"{look['name']} at {','.join(map(str, look['cell']))} sees {at_most}"
    if not covered:
        return wrap(f"{said}nothing of the input", width)
    where = f"{write_shape(look['size'])} of {write_shape(look['extents'])} ({ends}; {write_share(covered, whole)})"
    return wrap(f"{said}{where}; {'each cell is read' if seen == covered else part}", width, "", "  ")


def fit(
    module: nn.Module, given: Given, bytes: int, optimizer: str, precision: str, *, training: bool
) -> dict[str, int]:
    """Find the largest batches that fit: for inference, and for `training`."""
    from striate.measure.fit import find_largest_batch

    return {
        "bytes": bytes,
        **{
            name: find_largest_batch(
                module,
                given,
                bytes,
                training=name == "training",
                optimizer=optimizer,  # type: ignore[arg-type]
                precision=precision,  # type: ignore[arg-type]
            )
            for name in ("inference", "training")[: 1 + training]
        },
    }


def write_fit(fit: dict[str, int], optimizer: str, precision: str, width: int) -> str:
    """Write the largest batches in a sentence.

    >>> write_fit({"bytes": 2**33, "inference": 1200, "training": 96}, "adam", "fp32", 80)
    'largest batch within 8 GiB: 1,200 at inference, 96 in training (adam, fp32)'
    """
    from striate.measure.wording import wrap, write_bytes

    names = {"inference": "at inference", "training": f"in training ({optimizer}, {precision})"}
    said = [f"{fit[name]:,} {where}" if fit[name] else f"none {where}" for name, where in names.items() if name in fit]
    return wrap(f"largest batch within {write_bytes(fit['bytes'])}: {', '.join(said)}", width, "", "  ")
