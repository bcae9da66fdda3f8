"""The formulas backward, one axis: which padding, stride, kernel, crop or depth gives what is wanted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from math import inf

from striate.arithmetic.chain import Window, chain_extents, chain_fields
from striate.arithmetic.extent import convolve_extent, deconvolve_extent
from striate.arithmetic.field import Field, extend_field
from striate.arithmetic.padding import Pair, compute_span, require_padding, require_positive
from striate.errors import ShapeError


def solve_padding(extent: int, wanted: int, size: int, stride: int = 1, dilation: int = 1) -> Pair:
    """Find the least padding that makes a convolution give `wanted` cells, split evenly, an odd cell after.

    In all (wanted-1)*stride + span - extent cells, or none where that is negative.

    Raises: ShapeError if even without padding there are more cells than wanted.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 15, solved for the padding.

    >>> solve_padding(224, wanted=112, size=7, stride=2)
    (2, 3)
    >>> solve_padding(8, wanted=4, size=3)
    Traceback (most recent call last):
    striate.errors.ShapeError: no padding gives 4 output cells from 8 with kernel 3, stride 1 and dilation 1. The
    nearest is 6 with padding 0. Ask for that, or use a larger stride or kernel.
    """
    require_positive(extent=extent, wanted=wanted, stride=stride)
    total = max((wanted - 1) * stride + compute_span(size, dilation) - extent, 0)
    pad = (total // 2, total - total // 2)
    reached = convolve_extent(extent, size, stride, dilation, pad)
    if reached != wanted:
        given = f"{extent} with kernel {size}, stride {stride} and dilation {dilation}"
        raise _refuse("padding", wanted, given, [(reached, 0)], "a larger stride or kernel")
    return pad


def solve_stride(extent: int, wanted: int, size: int, dilation: int = 1, pad: Pair = (0, 0)) -> int:
    """Find the smallest stride that makes a convolution give `wanted` cells.

    Raises: ShapeError if none does, or if the kernel doesn't fit.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 15, solved for the stride.

    >>> solve_stride(224, wanted=112, size=7, pad=(3, 3))
    2
    """
    require_positive(wanted=wanted)
    slack = convolve_extent(extent, size, 1, dilation, pad) - 1
    stride = slack // wanted + 1  # the smallest that gives no more than wanted
    if slack // stride + 1 != wanted:
        near = [(slack // other + 1, other) for other in (stride, stride - 1) if other]
        given = f"{extent} with kernel {size}, dilation {dilation} and padding {pad[0]} before and {pad[1]} after"
        raise _refuse("stride", wanted, given, near, "another padding or kernel")
    return stride


def solve_size(extent: int, wanted: int, stride: int = 1, dilation: int = 1, pad: Pair = (0, 0)) -> int:
    """Find the kernel size that makes a convolution give `wanted` cells: the smallest odd one, else the smallest.

    Odd sizes come first since only they have a centre.

    Raises: ShapeError if no size does.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 15, solved for the kernel.

    >>> solve_size(224, wanted=112, stride=2, pad=(3, 3)), solve_size(8, wanted=7)
    (7, 2)
    """
    require_positive(extent=extent, wanted=wanted, stride=stride, dilation=dilation)
    require_padding(pad)
    padded = extent + sum(pad)
    least = max(-(-(padded - wanted * stride) // dilation), 0) + 1  # the smallest that gives no more than wanted
    largest = (padded - (wanted - 1) * stride - 1) // dilation + 1  # the largest that gives no fewer
    if least > largest:
        others = [size for size in (least, least - 1) if size and compute_span(size, dilation) <= padded]
        near = [(convolve_extent(extent, size, stride, dilation, pad), size) for size in others]
        given = f"{extent} with stride {stride}, dilation {dilation} and padding {pad[0]} before and {pad[1]} after"
        raise _refuse("kernel", wanted, given, near, "another padding or stride")
    odd = least + (least + 1) % 2
    return odd if odd <= largest else least


def solve_crop(extent: int, wanted: int, size: int, stride: int, dilation: int = 1) -> Pair:
    """Find the crop that makes a transposed convolution give `wanted` cells, split evenly, an odd cell before.

    Where the raw output is too short, the crop after is negative: so many zero cells are added there, as torch's
    `output_padding` does (torch takes fewer than the larger of stride and dilation).

    Raises: ShapeError if a number is below 1.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 14, solved for the padding.

    >>> solve_crop(112, wanted=224, size=4, stride=2), solve_crop(112, wanted=224, size=1, stride=2)
    ((1, 1), (0, -1))
    """
    require_positive(wanted=wanted)
    total = deconvolve_extent(extent, size, stride, dilation) - wanted
    return ((total + 1) // 2, total // 2) if total >= 0 else (0, total)


def solve_field(wanted: int, layers: Sequence[Window]) -> int:
    """Find the smallest kernel, stride 1, that sees at least `wanted` input cells when put on top of `layers`.

    Raises: ShapeError if no cell of `layers` sees anything.
    Source: Araujo, Norris, Sim, Distill 2019, section "Single-path networks", solved for the last kernel.

    >>> solve_field(32, [Window(3), Window(2, stride=2), Window(3), Window(2, stride=2)])
    7
    """
    require_positive(wanted=wanted)
    return _count_taps(chain_fields(layers), wanted)


def solve_layers(wanted: int, size: int = 3, stride: int = 1, dilation: int = 1, layers: Sequence[Window] = ()) -> int:
    """Count how many such layers, stacked on top of `layers`, it takes to see at least `wanted` input cells.

    Raises: ShapeError if no number suffices: a kernel of 1 adds nothing, a layer that sees nothing neither.
    Source: Araujo, Norris, Sim, Distill 2019, section "Single-path networks", solved for the depth.

    >>> solve_layers(7), solve_layers(7, stride=2), solve_layers(7, layers=[Window(2, stride=2)])
    (3, 2, 2)
    """
    require_positive(wanted=wanted, size=size, stride=stride, dilation=dilation)
    field, depth = chain_fields(layers), 0
    while field.size < wanted:
        if not field.size:
            raise ShapeError(_describe_blindness(wanted))
        if size == 1:
            raise ShapeError(f"kernel 1 keeps the field at {field.size}, but {wanted} is wanted. Use a larger kernel.")
        if stride == 1:  # n such layers are one kernel of n*(size - 1) + 1 taps
            return -((1 - _count_taps(field, wanted, dilation)) // (size - 1))
        field, depth = extend_field(field, size, stride, dilation), depth + 1
    return depth


def find_smallest_extent(layers: Sequence[Window]) -> int:
    """Find the smallest extent that the chain accepts; it then accepts every larger one.

    No layer's output shrinks when its input grows (with `ceil`, growth drops a last window only where it has just
    added it). So, from the last layer back, it is exact to ask each for the smallest input that gives as many cells
    as the next needs, and to find that by bisection.

    Raises: ShapeError if a number of a layer is out of range.

    >>> find_smallest_extent([Window(3), Window(2, stride=2), Window(3), Window(2, stride=2)])
    10
    """
    needed = 1
    for layer in reversed(layers):
        require_positive(size=layer.size, stride=layer.stride, dilation=layer.dilation)
        if not layer.transposed:
            require_padding((layer.before, layer.before if layer.after is None else layer.after))
        needed = _find_least_input(layer, needed)
    return needed


def _find_least_input(layer: Window, needed: int) -> int:
    def suffices(extent: int) -> bool:
        try:
            return chain_extents([layer], extent)[-1] >= needed
        except ShapeError:
            return False

    return _find_least(suffices)


def _find_least(suffices: Callable[[int], bool]) -> int:
    """Find the smallest whole number from 1 that suffices, where all larger ones do too."""
    high = 1
    while not suffices(high):
        high *= 2
    return 1 + bisect_left(range(1, high + 1), True, key=suffices)


def _count_taps(field: Field, wanted: int, dilation: int = 1) -> int:
    """Count the fewest taps on top of `field` that see `wanted` input cells, tried from each kind of cell."""
    counts = []
    for first in range(field.period):
        parts = (field.locate(first + tap * dilation) for tap in count())
        if any(field.locate(first + tap * dilation) for tap in range(field.period)):
            counts.append(_count_parts(parts, wanted))
    if not counts:
        raise ShapeError(_describe_blindness(wanted))
    return min(counts)


def _count_parts(parts: Iterator[range], wanted: int) -> int:
    """Count how many of endless `parts` it takes to stretch over `wanted` cells."""
    low, high, taken = inf, -inf, 0
    while high - low < wanted:
        part, taken = next(parts), taken + 1
        if part:
            low, high = min(low, part.start), max(high, part.stop)
    return taken


def _refuse(what: str, wanted: int, given: str, near: list[tuple[int, int]], remedy: str) -> ShapeError:
    ranked = sorted(near, key=lambda reached: abs(reached[0] - wanted))
    listed = ", then ".join(f"{cells} with {what} {number}" for cells, number in ranked)
    return ShapeError(
        f"no {what} gives {wanted} output cells from {given}. The nearest is {listed}. Ask for that, or use {remedy}."
    )


def _describe_blindness(wanted: int) -> str:
    return f"no cell of these layers sees any input, but {wanted} cells are wanted. Use other strides or crops."
