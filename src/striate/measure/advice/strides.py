"""Strides that jump over cells: farther than the kernel reaches, or in step with its dilation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import gcd, prod

from striate.arithmetic import Pair, Window, compute_span, pool_extent, resolve_padding
from striate.measure.advice.cells import Sampling, list_samplings
from striate.measure.advice.flow import Flow
from striate.measure.advice.parts import write_pads
from striate.measure.finding import Finding, Fix
from striate.measure.table import Table
from striate.measure.wording import write_each, write_share


def find_skipped_cells(table: Table) -> Iterator[Finding]:
    """Convolutions and pools that never read some of the cells between those they read.

    Source: He, Zhang, Zhang, Zhang, Xie, Li 2018, arXiv:1812.01187, sec. 4.2 (1x1 at stride 2, and ResNet-D's remedy).
    """
    flow = Flow(table.trace)
    for sampling in list_samplings(flow):
        if not any(sampling.skipped):
            continue
        cells = prod(sampling.extents)
        unread = zip(sampling.extents, sampling.skipped, sampling.dropped, strict=True)
        lost = cells - prod(extent - skipped - dropped for extent, skipped, dropped in unread)
        is_point = all(window.size == 1 for window in sampling.windows)
        reason, remedy = _explain(sampling)
        yield Finding(
            "pointwise-stride" if is_point else "skipped-cells",
            sampling.operation.path,
            reason,
            f"{lost:,} of {cells:,} cells of its input are never read, {write_share(lost, cells)}",
            remedy,
            _propose_pool(flow, sampling) if is_point else _propose_size(flow, sampling),
        )


def _explain(sampling: Sampling) -> tuple[str, str]:
    sizes, strides, dilations = (
        write_each([getattr(window, part) for window in sampling.windows]) for part in ("size", "stride", "dilation")
    )
    if all(window.size == 1 for window in sampling.windows):
        return (
            f"a kernel of one cell at stride {strides} ignores all cells between",
            f"Average by {strides} before it, at stride 1",
        )
    if any(_span(window) < window.stride for window in sampling.windows):
        return f"its stride of {strides} passes its kernel of {sizes}", "Use a kernel at least as large as the stride"
    return (
        f"its stride of {strides} and its dilation of {dilations} fall on the same cells over and over",
        "Use a stride and a dilation without a factor in common",
    )


def _span(window: Window) -> int:
    return compute_span(window.size, window.dilation)


def _propose_pool(flow: Flow, sampling: Sampling) -> tuple[Fix, ...]:
    """An average pool before, which gives as many cells as the stride did."""
    windows, extents = sampling.windows, sampling.extents
    if any(window.before or window.after for window in windows):
        return ()
    strides = [window.stride for window in windows]
    ceil = any(extent % stride for extent, stride in zip(extents, strides, strict=True))
    pool = f"avgpool{write_each(strides)}" + (" ceil=yes" if ceil else "")
    return (
        *flow.propose(sampling.operation, "before", pool),
        *flow.propose(sampling.operation, "stride", "1"),
    )


def _propose_size(flow: Flow, sampling: Sampling) -> tuple[Fix, ...]:
    """A kernel as large as the stride, padded so that as many cells come out; none where that can't be."""
    if any(gcd(window.dilation, window.stride) > 1 for window in sampling.windows):
        return ()
    is_pool = sampling.kind.endswith("pool")
    larger = [_enlarge(window, is_pool=is_pool) for window in sampling.windows]
    size = flow.propose(sampling.operation, "size", write_each([new.size for new in larger]))
    if is_pool:
        rounding = _find_rounding(sampling, larger)
        ceil = flow.propose(sampling.operation, "ceil", rounding) if rounding is not None else ()
        return (*size, *ceil) if ceil else ()
    pads = [_pad(window, new) for window, new in zip(sampling.windows, larger, strict=True)]
    pad = write_pads(pads, list(map(_resolve_same, larger)))
    return (*size, *flow.propose(sampling.operation, "pad", pad)) if pad is not None else ()


def _enlarge(window: Window, *, is_pool: bool) -> Window:
    """The window with a kernel that reads every cell; that of a convolution keeps its centre."""
    if window.size >= window.stride:
        return window
    even = not is_pool and window.size % 2 == 1 and window.stride % 2 == 0
    return replace(window, size=window.stride + even)


def _resolve_same(window: Window) -> Pair:
    return resolve_padding("same", window.size, window.dilation)


def _pad(window: Window, new: Window) -> Pair:
    """As many cells more as the kernel has grown by."""
    before, after, more = window.before, window.after or 0, _span(new) - _span(window)
    same = (before, after) == _resolve_same(window)
    return _resolve_same(new) if same else (before + more // 2, after + more - more // 2)


def _find_rounding(sampling: Sampling, larger: list[Window]) -> str | None:
    """Which rounding of a pool gives as many cells as before; None if neither does."""
    for ceil in (False, True):
        extents = [
            pool_extent(extent, new.size, new.stride, new.dilation, (new.before, new.after or 0), ceil)
            for extent, new in zip(sampling.extents, larger, strict=True)
        ]
        if extents == list(sampling.outputs):
            return "yes" if ceil else "no"
    return None
