"""Transposed convolutions that meet some output cells more often than others: a pattern that training must undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from math import gcd, prod

from striate.arithmetic import Pair, Window, compute_span, resolve_crop
from striate.measure.advice.flow import Flow
from striate.measure.advice.parts import write_pads
from striate.measure.finding import Finding, Fix
from striate.measure.operation import Operation
from striate.measure.rules.convolution import find_windows
from striate.measure.table import Table
from striate.measure.wording import write_each


def find_checkerboards(table: Table) -> Iterator[Finding]:
    """Transposed convolutions whose kernel is no multiple of their stride.

    Source: Odena, Dumoulin, Olah, Distill 2016, "Deconvolution and Checkerboard Artifacts".
    """
    flow = Flow(table.trace)
    for operation in flow.operations:
        if operation.name != "convolution" or not operation.get(6, "transposed"):
            continue
        windows = find_windows(operation)
        counts = [_count_taps(window) for window in windows]
        if all(min(met) == max(met) for met in counts):
            continue
        least, most = prod(map(min, counts)), prod(map(max, counts))
        reason, remedy = _explain(windows)
        yield Finding(
            "checkerboard",
            operation.path,
            f"{reason}: output cells are met unequally often, in a pattern",
            f"by {least} to {most} taps, borders aside",
            remedy,
            _propose_size(flow, operation, windows),
        )


def _explain(windows: tuple[Window, ...]) -> tuple[str, str]:
    """What is wrong with the windows, and what would be right."""
    sizes, strides, dilations = (
        write_each([getattr(window, part) for window in windows]) for part in ("size", "stride", "dilation")
    )
    wanted = [size for size in map(_find_size, windows) if size is not None]
    if len(wanted) < len(windows):
        reason = f"its dilation of {dilations} and its stride of {strides} have a factor in common"
        return reason, "Use a dilation that has none in common with the stride, or upsample and convolve"
    return (
        f"its kernel of {sizes} is no multiple of its stride of {strides}",
        f"Use kernel {write_each(wanted)}, or upsample and convolve",
    )


def _count_taps(window: Window) -> list[int]:
    """How many taps meet an output cell, for each of the `stride` kinds of cells."""
    met = Counter(tap * window.dilation % window.stride for tap in range(window.size))
    return [met[kind] for kind in range(window.stride)]


def _find_size(window: Window) -> int | None:
    """The next size that meets all cells alike; None where dilation keeps any from it."""
    if gcd(window.dilation, window.stride) > 1:
        return None
    return -(-window.size // window.stride) * window.stride


def _propose_size(flow: Flow, operation: Operation, windows: tuple[Window, ...]) -> tuple[Fix, ...]:
    """A larger kernel, cut so that as many cells are left."""
    sizes = [_find_size(window) for window in windows]
    larger = [replace(window, size=size) for window, size in zip(windows, sizes, strict=True) if size is not None]
    if len(larger) < len(windows):
        return ()
    crops, same = _find_crops(flow, operation, windows), list(map(_resolve_same, larger))
    if crops == list(map(_resolve_same, windows)):
        crops = same
    else:
        more = [_span(new) - _span(old) for new, old in zip(larger, windows, strict=True)]
        crops = [
            (first + (cells + 1) // 2, last + cells // 2) for (first, last), cells in zip(crops, more, strict=True)
        ]
    pad = write_pads(crops, same)
    if pad is None:
        return ()
    size = write_each([window.size for window in larger])
    return (*flow.propose(operation, "size", size), *flow.propose(operation, "pad", pad))


def _span(window: Window) -> int:
    return compute_span(window.size, window.dilation)


def _resolve_same(window: Window) -> Pair:
    return resolve_crop("same", window.size, window.stride, window.dilation)


def _find_crops(flow: Flow, operation: Operation, windows: tuple[Window, ...]) -> list[Pair]:
    """How many cells are cut before and after each axis, by the operation or by the module around it."""
    crops = [(window.before, window.before if window.after is None else window.after) for window in windows]
    value = operation.outputs[0]
    for step in flow.operations[flow.operations.index(operation) + 1 :]:
        if step.call != operation.call or step.get(0, "") is not value:
            continue
        if step.name == "slice":
            axis = step.get(1, "dim") % len(value.shape) - 2
            first, last = step.get(2, "start", 0), min(step.get(3, "end"), value.shape[axis + 2])
            crops[axis] = crops[axis][0] + first, crops[axis][1] + value.shape[axis + 2] - last
        elif step.name == "constant_pad_nd":
            added = step.get(1, "pad")
            for place in range(0, len(added), 2):
                first, last = crops[-1 - place // 2]
                crops[-1 - place // 2] = first - added[place], last - added[place + 1]
        else:
            break
        value = step.outputs[0]
    return crops
