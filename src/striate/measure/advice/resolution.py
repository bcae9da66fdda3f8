"""Memory of training that lies in the first layers, at the input's own resolution."""

from __future__ import annotations

from collections.abc import Iterator

from striate.measure.advice.flow import Flow
from striate.measure.finding import Finding
from striate.measure.operation import Operation
from striate.measure.table import Table
from striate.measure.wording import write_bytes, write_shape

LEAST_EXTENT = 64
"""Below this an input is too small to give cells away (CIFAR's 32)."""


def find_early_memory(table: Table) -> Iterator[Finding]:
    """Networks whose rows at the input's resolution hold over half of what is saved for the backward pass.

    Only where the first convolution doesn't stride, the input is large, and the output isn't a map as large itself.

    Source: cs231n (Stanford), notes "Convolutional Networks", section "Layer Sizing Patterns".
    """
    flow = Flow(table.trace)
    extents = table.trace.inputs[0].shape[2:]
    first = next((each for each in flow.operations if each.name == "convolution"), None)
    if first is None or not table.saved_bytes or min(extents, default=0) < LEAST_EXTENT or not _keeps(first, extents):
        return
    if any(value.shape[2:] == extents for value in table.trace.outputs):
        return
    early = sum(row.saved_bytes or 0 for row in table.rows if row.output[1:] == extents)
    if 2 * early <= table.saved_bytes:
        return
    yield Finding(
        "early-memory",
        first.path,
        f"most of what is kept for the backward pass lies at the input's own resolution, {write_shape(extents)}",
        f"{write_bytes(early)} of {write_bytes(table.saved_bytes)}",
        "Downsample in the first convolution: stride 2",
        flow.propose(first, "stride", "2"),
    )


def _keeps(first: Operation, extents: tuple[int, ...]) -> bool:
    """Whether the first convolution gives as many cells as the input has."""
    return first.outputs[0].shape[2:] == extents
