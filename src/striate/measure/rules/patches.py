"""Windows, blocks and diagonals laid out as axes of their own: unfold and fold, pixel shuffles. All are free."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from striate.arithmetic import Window, convolve_extent
from striate.measure.operation import Operation
from striate.measure.reach import Axis, Joined, Listed, Slide, Sources
from striate.measure.rules.grouping import Shape, keep_axes, link_permuted, link_shapes
from striate.measure.rules.rule import Rule
from striate.measure.rules.steps import read_through

MOST_ROWS = 512


def read_unfold(operation: Operation, output: int = 0) -> Sources:
    """Windows of one axis, their cells in a new last axis (`Tensor.unfold`)."""
    value, shape = operation.get(0, "self"), operation.outputs[output].shape
    axes = len(value.shape)
    dim, size, step = (operation.get(place, name) for place, name in ((1, "dimension"), (2, "size"), (3, "step")))
    dim %= max(axes, 1)
    windows = tuple((place * step + cell,) for place in range(shape[dim]) for cell in range(size))
    flat = (*shape[:dim], len(windows), *shape[dim + 1 : -1])
    lower, upper = list[Axis](keep_axes(axes)), list[Axis](keep_axes(axes))
    lower[dim], upper[dim] = Listed(dim, windows), Joined((dim, axes), (shape[dim], size))
    return read_through(operation, value, (tuple(lower), flat), (tuple(upper), shape))


def read_windows(operation: Operation, output: int = 0) -> Sources:
    """Every window of a plane as a column: channels and taps in one axis, places in another (`F.unfold`)."""
    value, shape = operation.get(0, "self"), operation.outputs[output].shape
    plane = _Plane(operation, value.shape, first=1)
    axes = len(value.shape)
    listed = tuple(Listed(axes - 2 + axis, tuple(cells)) for axis, cells in enumerate(plane.cells))
    return read_through(
        operation,
        value,
        ((*keep_axes(axes - 2), *listed), plane.flat),
        *link_shapes(plane.flat, plane.paired),
        link_permuted(plane.paired, plane.order),
        *link_shapes(plane.split, shape),
    )


def read_folded(operation: Operation, output: int = 0) -> Sources:
    """Every cell of a plane is the sum of the columns' cells that lie on it (`F.fold`)."""
    value, shape = operation.get(0, "self"), operation.outputs[output].shape
    plane = _Plane(operation, shape, first=2)
    axes = len(shape)
    listed = tuple(_invert(axes - 2 + axis, cells, shape) for axis, cells in enumerate(plane.cells))
    return read_through(
        operation,
        value,
        *link_shapes(value.shape, plane.split),
        link_permuted(plane.split, plane.order),
        *link_shapes(plane.paired, plane.flat),
        ((*keep_axes(axes - 2), *listed), shape),
    )


class _Plane:
    """How windows lie in a plane: shapes with taps and places split, paired, or in one axis; and the cells of each.

    `cells` holds for each axis and each (tap, place), row by row, the plane's index; none in padding.
    """

    def __init__(self, operation: Operation, image: Shape, first: int) -> None:
        names = ("kernel_size", "dilation", "padding", "stride")
        sizes, dilations, pads, strides = (operation.get(first + place, name) for place, name in enumerate(names))
        self.cells: list[list[tuple[int, ...]]] = []
        counts = []
        for extent, size, dilation, pad, stride in zip(image[-2:], sizes, dilations, pads, strides, strict=True):
            counts.append(convolve_extent(extent, size, stride, dilation, (pad, pad)))
            places = product(range(size), range(counts[-1]))
            indices = (place * stride - pad + tap * dilation for tap, place in places)
            self.cells.append([(index,) if 0 <= index < extent else () for index in indices])
        outer, lead = image[:-2], len(image) - 2
        self.split: Shape = (*outer, *sizes, *counts)
        self.paired: Shape = (*outer, sizes[0], counts[0], sizes[1], counts[1])
        self.flat: Shape = (*outer, sizes[0] * counts[0], sizes[1] * counts[1])
        self.order = (*range(lead), lead, lead + 2, lead + 1, lead + 3)  # from split to paired, and back


def _invert(dim: int, cells: Sequence[tuple[int, ...]], shape: Shape) -> Axis:
    """For each cell of the plane, the numbers of the window cells that lie there."""
    found: list[list[int]] = [[] for _ in range(shape[dim])]
    for number, cell in enumerate(cells):
        for index in cell:
            found[index].append(number)
    return Listed(dim, tuple(map(tuple, found)))


def read_rearranged(operation: Operation, split: Shape, order: Sequence[int], output: int = 0) -> Sources:
    """View as `split`, permute the axes, view as the output."""
    value, shape = operation.get(0, "self"), operation.outputs[output].shape
    permuted = link_permuted(split, order)
    return read_through(operation, value, *link_shapes(value.shape, split), permuted, *link_shapes(permuted[1], shape))


def read_pixel_shuffle(operation: Operation, output: int = 0) -> Sources:
    """Blocks of channels become blocks of pixels.

    Source: Shi et al. 2016, arXiv:1609.05158, equation 4.
    """
    factor, shape = operation.get(1, "upscale_factor"), operation.get(0, "self").shape
    axes = len(shape)
    split = (*shape[:-3], shape[-3] // factor**2, factor, factor, *shape[-2:])
    order = (*range(axes - 2), axes, axes - 2, axes + 1, axes - 1)
    return read_rearranged(operation, split, order, output)


def read_pixel_unshuffle(operation: Operation, output: int = 0) -> Sources:
    """Blocks of pixels become blocks of channels."""
    factor, shape = operation.get(1, "downscale_factor"), operation.get(0, "self").shape
    axes = len(shape)
    split = (*shape[:-2], shape[-2] // factor, factor, shape[-1] // factor, factor)
    order = (*range(axes - 2), axes - 1, axes + 1, axes - 2, axes)
    return read_rearranged(operation, split, order, output)


def read_channel_shuffle(operation: Operation, output: int = 0) -> Sources:
    """The channels of the groups take turns.

    Source: Zhang et al. 2018, arXiv:1707.01083, sec. 3.1.
    """
    groups, shape = operation.get(1, "groups"), operation.get(0, "self").shape
    split = (shape[0], groups, shape[1] // groups, *shape[2:])
    return read_rearranged(operation, split, (0, 2, 1, *range(3, len(split))), output)


def read_diagonal(operation: Operation, output: int = 0) -> Sources:
    """The diagonal of two axes, as a new last axis."""
    value, shape = operation.get(0, "self"), operation.outputs[output].shape
    order, first, width = _find_diagonal(operation, value.shape, (0, 1))
    permuted = link_permuted(value.shape, order)
    flat = (*permuted[1][:-2], permuted[1][-2] * width)
    slide = Slide(len(flat) - 1, Window(1, width + 1, before=-first))
    return read_through(
        operation, value, permuted, *link_shapes(permuted[1], flat), ((*keep_axes(len(flat) - 1), slide), shape)
    )


def read_diagonal_embedding(operation: Operation, output: int = 0) -> Sources:
    """The last axis, laid out on the diagonal of two; the other cells read nothing."""
    value, shape = operation.get(0, "self"), operation.outputs[output].shape
    order, first, width = _find_diagonal(operation, shape, (-2, -1))
    permuted = tuple(shape[axis] for axis in order)
    flat = (*permuted[:-2], permuted[-2] * width)
    slide = Slide(len(flat) - 1, Window(1, width + 1, before=-first, transposed=True))
    back = link_permuted(permuted, [order.index(axis) for axis in range(len(order))])
    return read_through(
        operation, value, ((*keep_axes(len(flat) - 1), slide), flat), *link_shapes(flat, permuted), back
    )


def _find_diagonal(operation: Operation, shape: Shape, default: tuple[int, int]) -> tuple[list[int], int, int]:
    """The order that puts the diagonal's axes last, the first cell's number in their plane, and the plane's width."""
    one, other = (operation.get(2 + place, f"dim{place + 1}", default[place]) % len(shape) for place in (0, 1))
    offset = operation.get(1, "offset", 0)
    first = max(-offset, 0) * shape[other] + max(offset, 0)
    return [*(axis for axis in range(len(shape)) if axis not in (one, other)), one, other], first, shape[other]


def read_triangle(operation: Operation, output: int = 0) -> Sources:
    """Each row of the last two axes by itself, up to its diagonal (`tril`) or from there (`triu`)."""
    value = operation.get(0, "self")
    (*outer, rows, columns), offset = value.shape, operation.get(1, "diagonal", 0)
    lower, axes = operation.name.startswith("tril"), len(value.shape)
    sources: Sources = []
    for row in range(rows):
        kept = range(row + offset + 1) if lower else range(row + offset, columns)
        own = tuple((cell,) if cell == row else () for cell in range(rows))
        cells = tuple((cell,) if cell in kept else () for cell in range(columns))
        sources.append((value, (*keep_axes(len(outer)), Listed(axes - 2, own), Listed(axes - 1, cells))))
    return sources


def _is_small(operation: Operation) -> bool:
    """A triangle takes a source for each row: past some hundreds that is no plain description any more."""
    return operation.outputs[0].shape[-2] <= MOST_ROWS


RULES = {
    "unfold": Rule("unfold", read_unfold),
    "unfold_copy": Rule("unfold", read_unfold),
    "im2col": Rule("unfold", read_windows),
    "col2im": Rule("fold", read_folded),
    "pixel_shuffle": Rule("pixelshuffle", read_pixel_shuffle),
    "pixel_unshuffle": Rule("pixelunshuffle", read_pixel_unshuffle),
    "channel_shuffle": Rule("channelshuffle", read_channel_shuffle),
    "diagonal": Rule("diagonal", read_diagonal),
    "diagonal_copy": Rule("diagonal", read_diagonal),
    "diag_embed": Rule("diagonal", read_diagonal_embedding),
    **dict.fromkeys(("tril", "triu"), Rule("triangle", read_triangle, holds=_is_small)),
}
