"""How many cells leave a layer, from how many enter it, one axis at a time."""

from __future__ import annotations

from striate.arithmetic.padding import Pair, compute_span, require_padding, require_positive
from striate.errors import ShapeError


def convolve_extent(extent: int, size: int, stride: int = 1, dilation: int = 1, pad: Pair = (0, 0)) -> int:
    """Count a convolution's output cells: (extent + before + after - span)//stride + 1.

    Raises: ShapeError if the kernel's span exceeds the padded axis or a number is out of range.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationships 6 and 15.

    >>> convolve_extent(224, size=7, stride=2, pad=(3, 3))
    112
    >>> convolve_extent(11, size=7, dilation=2)
    Traceback (most recent call last):
    striate.errors.ShapeError: kernel 7 with dilation 2 spans 13, but the axis has 11 cells with padding 0 before and
    0 after. Use padding of 2 cells more in all, or a kernel of at most 6.
    """
    return pool_extent(extent, size, stride, dilation, pad)


def pool_extent(
    extent: int,
    size: int,
    stride: int | None = None,
    dilation: int = 1,
    pad: Pair = (0, 0),
    ceil: bool = False,
) -> int:
    """Count a pool's output cells; the stride is the size unless given.

    As a convolution's; with `ceil` the division rounds up, so that a last window may hang over the end, as long as it
    starts inside the axis or the padding before it.

    Raises: ShapeError if no window fits or a number is out of range.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 7; `ceil` as torch's pools.

    >>> pool_extent(7, 2), pool_extent(7, 2, ceil=True)
    (3, 4)
    """
    stride = size if stride is None else stride
    require_positive(extent=extent, stride=stride)
    require_padding(pad)
    slack = extent + sum(pad) - compute_span(size, dilation)
    count = (slack + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= extent + pad[0]:
        count -= 1
    if count < 1:
        raise ShapeError(_describe_misfit(extent, size, dilation, pad))
    return count


def deconvolve_extent(extent: int, size: int, stride: int = 1, dilation: int = 1, crop: Pair = (0, 0)) -> int:
    """Count a transposed convolution's output cells: (extent - 1)*stride + span - before - after.

    A negative crop adds cells, as torch's `output_padding` does.

    Raises: ShapeError if the crop leaves no cell or a number is out of range.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 14.

    >>> deconvolve_extent(112, size=4, stride=2, crop=(1, 1))
    224
    """
    require_positive(extent=extent, stride=stride)
    raw = (extent - 1) * stride + compute_span(size, dilation)
    if raw <= sum(crop):
        raise ShapeError(
            f"kernel {size} with stride {stride} and dilation {dilation} turns {extent} cells into {raw}, but "
            f"{crop[0]} before and {crop[1]} after are cut. Cut at most {raw - 1} in all, or use a larger kernel."
        )
    return raw - sum(crop)


def _describe_misfit(extent: int, size: int, dilation: int, pad: Pair) -> str:
    padded, span = extent + sum(pad), compute_span(size, dilation)
    return (
        f"kernel {size} with dilation {dilation} spans {span}, but the axis has {extent} cells with padding {pad[0]} "
        f"before and {pad[1]} after. Use padding of {span - padded} cells more in all, or a kernel of at most "
        f"{(padded - 1) // dilation + 1}."
    )
