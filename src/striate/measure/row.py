"""One row of the table: one operation, and every figure of it. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from striate.measure.fields import ReceptiveField

EXACT = "exact"


@dataclass(frozen=True)
class Row:
    """One operation. Bytes and multiplies are for the whole batch.

    `index` is the operation's place in the trace (-1 for parameters that nothing uses), `last` that of the operation
    that gives the row's output (the same, or a view that ends the module). `name` is the path of the module that asked
    for it; `kind` its word: the notation's where there is one. `output` is the shape without the batch. `parameters`
    are counted in the first row that uses them. `output_bytes` are those of the outputs that are used; a view or an
    operation in place takes no new memory for them. `backward_multiplies` and `saved_bytes` (kept for the backward
    pass, each tensor in the row that made it) are None where no backward pass was traced. `field` is None where a cell
    sees the whole input, or the input has no extents. `depth` counts the layers that multiply by parameters on the
    longest way here, this one included. `connected_*` and `unshared_parameters` are what a convolution would take
    fully connected, and with weights of its own at every place; None for other operations. `status` is `exact` or
    `partial: why`; `is_view` marks what moves no data.
    """

    index: int
    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    multiplies: int
    backward_multiplies: int | None
    output_bytes: int
    saved_bytes: int | None
    field: ReceptiveField | None
    status: str = EXACT
    depth: int = 0
    connected_parameters: int | None = None
    connected_multiplies: int | None = None
    unshared_parameters: int | None = None
    is_view: bool = False
    last: int = -1
