"""Which cells of its input a sliding window never reads: those that a stride jumps over, and those left at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from striate.arithmetic import Pair, Window, compute_span
from striate.measure.advice.flow import Flow
from striate.measure.operation import Operation, Value
from striate.measure.reach import Slide
from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.padding import find_pads

KINDS = frozenset({"conv", "depthwise", "maxpool", "avgpool"})
PADS = ("constant_pad_nd", "reflection_pad", "replication_pad")


@dataclass(frozen=True)
class Sampling:
    """One convolution or pool: what it slides over and how, one entry for each axis.

    `windows` count what the layer itself pads before as padding; `extents` and `outputs` are cells before and after.
    `skipped` cells lie between others that are read, `dropped` ones behind the last that is.
    """

    operation: Operation
    kind: str
    windows: tuple[Window, ...]
    extents: tuple[int, ...]
    outputs: tuple[int, ...]
    skipped: tuple[int, ...]
    dropped: tuple[int, ...]


def list_samplings(flow: Flow) -> Iterator[Sampling]:
    """Every convolution and pool of a network, in order."""
    for operation in flow.operations:
        rule = find_rule(operation)
        kind = rule.kind if rule is not None else ""
        kind = kind(operation) if callable(kind) else kind
        if rule is None or kind not in KINDS:
            continue
        source, reach = rule.reach(operation, 0)[0]
        slides = {axis: reached for axis, reached in enumerate(reach) if isinstance(reached, Slide)}
        if slides and source is operation.arguments[0]:
            yield _describe(operation, kind, source, slides)


def _describe(operation: Operation, kind: str, source: Value, slides: dict[int, Slide]) -> Sampling:
    axes = list(slides)
    windows = {axis: _fill_in(slide.window) for axis, slide in slides.items()}
    while source.maker is not None and source.maker.call == operation.call:
        maker = source.maker
        if maker.name.startswith(PADS):
            pads = find_pads(maker, len(source.shape))
            windows = {axis: _add_pads(window, pads[axis]) for axis, window in windows.items()}
        elif maker.name != "unsqueeze":
            break
        elif maker.get(1, "dim") % len(source.shape) in axes:
            axes.remove(maker.get(1, "dim") % len(source.shape))  # a pool of one axis goes through two
            axes, windows = [axis - 1 for axis in axes], {axis - 1: windows[axis] for axis in axes}
        source = next(maker.inputs)
    extents = tuple(source.shape[axis] for axis in axes)
    outputs = tuple(operation.outputs[0].shape[-len(axes) :])
    kept = tuple(windows[axis] for axis in axes)
    unread = [_count_unread(*each) for each in zip(kept, extents, outputs, strict=True)]
    return Sampling(operation, kind, kept, extents, outputs, *zip(*unread, strict=True))


def _fill_in(window: Window) -> Window:
    return replace(window, after=window.before) if window.after is None else window


def _add_pads(window: Window, pad: Pair) -> Window:
    return replace(window, before=window.before + pad[0], after=(window.after or 0) + pad[1])


def _count_unread(window: Window, extent: int, outputs: int) -> tuple[int, int]:
    """How many cells lie unread between those that are read, and how many behind the last."""
    read = bytearray(extent)
    for tap in range(0, compute_span(window.size, window.dilation), window.dilation):
        first, last = tap - window.before, tap - window.before + (outputs - 1) * window.stride
        first += -(-max(0, -first) // window.stride) * window.stride
        cells = range(first, min(last, extent - 1) + 1, window.stride)
        if cells:
            read[cells.start : cells[-1] + 1 : window.stride] = b"\1" * len(cells)
    end = read.rfind(1) + 1
    cropped = max(0, -window.before)
    return read[cropped:end].count(0), extent - end


def name_axes(numbers: Sequence[tuple[int, int]]) -> str:
    """Write `part of whole` for each axis that has any.

    >>> name_axes([(1, 7), (2, 9)]), name_axes([(3, 8)]), name_axes([(0, 4), (1, 5)])
    ('1 of 7 rows and 2 of 9 columns', '3 of 8 cells', '1 of 5 columns')
    """
    names = {1: ["cells"], 2: ["rows", "columns"], 3: ["slices", "rows", "columns"]}[len(numbers)]
    listed = [f"{part} of {whole} {name}" for (part, whole), name in zip(numbers, names, strict=True) if part]
    return " and ".join(listed)
