"""Cells that a stride leaves over at the far border, as its last step doesn't come out even."""

from __future__ import annotations

from collections.abc import Iterator

from striate.arithmetic import Pair, compute_span, resolve_padding
from striate.measure.advice.cells import Sampling, list_samplings, name_axes
from striate.measure.advice.flow import Flow
from striate.measure.advice.parts import write_pads
from striate.measure.finding import Finding, Fix
from striate.measure.table import Table


def find_dropped_borders(table: Table) -> Iterator[Finding]:
    """Convolutions and pools that never read the last cells of their input.

    Where a stride jumps over cells anyway, that is another finding.

    Source: Dumoulin, Visin 2016, arXiv:1603.07285, sec. 2.4 (the floor in relationship 6).
    """
    flow = Flow(table.trace)
    for sampling in list_samplings(flow):
        if not any(sampling.dropped) or any(sampling.skipped):
            continue
        yield Finding(
            "dropped-border",
            sampling.operation.path,
            "its last step doesn't come out even: the far border is never read",
            f"drops {name_axes(list(zip(sampling.dropped, sampling.extents, strict=True)))}",
            "Round up (ceil=yes)" if sampling.kind.endswith("pool") else "Pad the far side, or use another input size",
            _propose(flow, sampling),
        )


def _propose(flow: Flow, sampling: Sampling) -> tuple[Fix, ...]:
    if sampling.kind.endswith("pool"):
        return flow.propose(sampling.operation, "ceil", "yes")
    pads: list[Pair] = []
    for window, extent, dropped in zip(sampling.windows, sampling.extents, sampling.dropped, strict=True):
        after = window.after or 0
        rest = (extent + window.before + after - compute_span(window.size, window.dilation)) % window.stride
        pads.append((window.before, after + window.stride - rest if dropped else after))
    same = [resolve_padding("same", window.size, window.dilation) for window in sampling.windows]
    pad = write_pads(pads, same)
    return flow.propose(sampling.operation, "pad", pad) if pad is not None else ()
