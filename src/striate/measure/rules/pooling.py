"""Pools of all kinds, over windows or adaptive ones, and the unpooling that undoes them. All are free."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from striate.arithmetic import Window, locate_adaptive
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Reach, Same, Slide, Sources, Whole
from striate.measure.rules.arguments import count_axes, find_argument, repeat_numbers
from striate.measure.rules.rule import Rule, read_everything


def find_windows(operation: Operation) -> tuple[Window, ...]:
    """The window of each spatial axis of a pool; the stride is the size unless given.

    >>> from striate.measure.trace import trace
    >>> import torch
    >>> find_windows(trace(torch.nn.AvgPool3d(2, padding=1, ceil_mode=True), (1, 8, 8, 8)).operations[0])[0]
    Window(size=2, stride=2, dilation=1, before=1, transposed=False, after=1, ceil=True)
    """
    axes = count_axes(operation)
    sizes = repeat_numbers(find_argument(operation, "kernel_size"), axes)
    strides = repeat_numbers(find_argument(operation, "stride") or sizes, axes)
    pads = repeat_numbers(find_argument(operation, "padding"), axes)
    dilations = repeat_numbers(find_argument(operation, "dilation") or 1, axes)
    ceil = bool(find_argument(operation, "ceil_mode"))
    return tuple(
        Window(size, stride, dilation, pad, after=pad, ceil=ceil)
        for size, stride, dilation, pad in zip(sizes, strides, dilations, pads, strict=True)
    )


def read(operation: Operation, output: int = 0) -> Sources:
    """A window of each channel; with or without a batch."""
    value: Value = operation.arguments[0]
    lead = len(value.shape) - count_axes(operation)
    return [(value, _keep(lead, *(Slide(lead + axis, window) for axis, window in enumerate(find_windows(operation)))))]


def read_adaptive(operation: Operation, output: int = 0) -> Sources:
    """Windows that share each axis out evenly, the whole axis where one cell is left.

    Source: He et al. 2014, arXiv:1406.4729.
    """
    value: Value = operation.arguments[0]
    lead = len(value.shape) - count_axes(operation)
    spatial = [
        _share_out(dim, value.shape[dim], operation.outputs[output].shape[dim]) for dim in range(lead, len(value.shape))
    ]
    return [(value, _keep(lead, *spatial))]


def _share_out(dim: int, extent: int, wanted: int) -> Axis:
    if wanted == 1:
        return Whole()
    return Listed(dim, tuple(map(tuple, locate_adaptive(extent, wanted))))


def _keep(lead: int, *spatial: Axis) -> Reach:
    return (*map(Same, range(lead)), *spatial)


def read_fractional(operation: Operation, output: int = 0) -> Sources:
    """The windows that random steps can lead to: which of them it is hangs on the random samples.

    Source: Graham 2014, arXiv:1412.6071, sec. 2 (pseudorandom, overlapping regions).
    """
    value, samples = operation.arguments[0], find_argument(operation, "random_samples")
    axes, shape = count_axes(operation), operation.outputs[output].shape
    lead = len(shape) - axes
    sizes = repeat_numbers(find_argument(operation, "kernel_size"), axes)
    spatial = (
        Listed(lead + axis, _list_fractional(value.shape[lead + axis], size, shape[lead + axis]))
        for axis, size in enumerate(sizes)
    )
    drawn = Same(0) if lead == 2 else Whole()
    return [(value, _keep(lead, *spatial)), (samples, (drawn, Same(lead - 1), Whole()))]


def _list_fractional(extent: int, size: int, wanted: int) -> tuple[tuple[int, ...], ...]:
    """Window i starts at floor((i + u)*step) - floor(u*step) for some u from 0 to 1, the last one at the end.

    The step is 1 or more, so that this is floor(i*step), or one more where that was rounded.
    """
    last = extent - size
    windows = []
    for cell in range(wanted - 1):
        whole, rest = divmod(cell * last, wanted - 1)
        windows.append(tuple(range(whole, whole + size + (rest > 0))))
    return (*windows, tuple(range(last, extent)))


def read_unpooled(operation: Operation, output: int = 0) -> Sources:
    """The cells that may lie here: those whose window, in the pool that made the indices, holds this place.

    Where the indices come from elsewhere, or the extents are others, any cell of the channel.
    """
    value, indices = operation.arguments[:2]
    shape = operation.outputs[output].shape
    lead = len(shape) - count_axes(operation)
    reach = _keep(lead, *_undo(indices, shape, lead))
    return [(value, reach), (indices, reach)]


def _undo(indices: Value, shape: tuple[int, ...], lead: int) -> Iterator[Axis]:
    """The pool's windows turned round; axes of one cell, which a pool over one axis adds, are skipped."""
    spatial, pool = range(lead, len(shape)), _find_pool(indices)
    windows = _list_undone(pool, shape[lead:]) if pool is not None else None
    for dim in spatial:
        yield _turn(dim, windows.pop(0)) if windows and shape[dim] > 1 else Whole()


def _list_undone(pool: Operation, shape: tuple[int, ...]) -> list[Window]:
    """The pool's windows along axes of several cells; none if these have other extents after unpooling."""
    value: Value = pool.arguments[0]
    extents = value.shape[-count_axes(pool) :]
    if [extent for extent in extents if extent > 1] != [extent for extent in shape if extent > 1]:
        return []
    return [window for window, extent in zip(find_windows(pool), extents, strict=True) if extent > 1]


def _turn(dim: int, window: Window) -> Axis:
    return Slide(dim, Window(window.size, window.stride, window.dilation, window.before, True, window.after))


def _find_pool(indices: Value) -> Operation | None:
    """The pool that made the indices, through views that add or drop axes of one cell."""
    maker = indices.maker
    while maker is not None and maker.is_view and maker.name in ("squeeze", "unsqueeze"):
        maker = maker.arguments[0].maker
    return maker if maker is not None and maker.name in INDEXED else None


def name_adaptive(local: str, whole: str) -> Callable[[Operation], str]:
    """The notation's word for a pool that leaves one cell of each axis, or for one that leaves more."""

    def name_kind(operation: Operation) -> str:
        extents = operation.outputs[0].shape[-count_axes(operation) :]
        return whole if all(extent == 1 for extent in extents) else local

    return name_kind


INDEXED = ("max_pool2d_with_indices", "max_pool3d_with_indices")
MAXIMUM = (*INDEXED, "max_pool2d")  # the last is whole on MPS
AVERAGE = ("avg_pool1d", "avg_pool2d", "avg_pool3d")
ADAPTIVE = ("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
GRADIENTS = (
    "max_pool2d_with_indices_backward max_pool3d_with_indices_backward avg_pool2d_backward avg_pool3d_backward "
    "_adaptive_avg_pool2d_backward _adaptive_avg_pool3d_backward adaptive_max_pool2d_backward "
    "adaptive_max_pool3d_backward fractional_max_pool2d_backward fractional_max_pool3d_backward"
)

RULES = {
    **dict.fromkeys(MAXIMUM, Rule("maxpool", read)),
    **dict.fromkeys(AVERAGE, Rule("avgpool", read)),
    **dict.fromkeys(
        (*ADAPTIVE, "_adaptive_avg_pool2d", "_adaptive_avg_pool3d"),
        Rule(name_adaptive("avgpool", "gap"), read_adaptive),
    ),
    **dict.fromkeys(
        ("adaptive_max_pool2d", "adaptive_max_pool3d"),
        Rule(name_adaptive("maxpool", "gmp"), read_adaptive),
    ),
    **dict.fromkeys(("fractional_max_pool2d", "fractional_max_pool3d"), Rule("maxpool", read_fractional)),
    **dict.fromkeys(("max_unpool2d", "max_unpool3d"), Rule("unpool", read_unpooled)),
    **dict.fromkeys(GRADIENTS.split(), Rule("gradient", read_everything)),
}
