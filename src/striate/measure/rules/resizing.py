"""Axes resized to other extents; and sampling at places that the data choose. All are free."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from striate.arithmetic import locate_antialiased, locate_cubic, locate_linear, locate_nearest
from striate.measure.operation import Operation
from striate.measure.reach import Listed, Same, Sources, Whole
from striate.measure.rules.arguments import count_axes, find_argument, read_schema
from striate.measure.rules.rule import Rule, read_everything

Windows = tuple[tuple[int, ...], ...]


def read(operation: Operation, output: int = 0) -> Sources:
    """The cells that have a weight along each axis after batch and channels."""
    value, shape = operation.arguments[0], operation.outputs[output].shape
    align, mode = bool(find_argument(operation, "align_corners")), find_mode(operation.name)
    spatial = (
        Listed(dim, list_windows(mode, value.shape[dim], shape[dim], scale, align))
        for dim, scale in zip(range(2, len(shape)), find_scales(operation), strict=True)
    )
    return [(value, (Same(0), Same(1), *spatial))]


def find_mode(name: str) -> str:
    """The way of resizing that an operation's name tells.

    >>> find_mode("upsample_trilinear3d"), find_mode("_upsample_bicubic2d_aa")
    ('linear', 'cubic_aa')
    """
    mode = next(mode for mode in ("nearest_exact", "nearest", "linear", "cubic", "lanczos") if mode in name)
    return f"{mode}_aa" if "_aa" in name else mode


def find_scales(operation: Operation) -> list[float | None]:
    """The scale of each axis where one was given and is what torch uses; it doesn't use one that is not above 0.

    >>> from striate.measure.trace import trace
    >>> import torch
    >>> find_scales(trace(torch.nn.Upsample(scale_factor=(2, 1.5)), (1, 8, 8)).operations[0])
    [2.0, 1.5]
    >>> find_scales(trace(torch.nn.Upsample(size=(9, 9)), (1, 8, 8)).operations[0])
    [None, None]
    """
    factors = find_argument(operation, "scale_factors")
    given = factors or [
        find_argument(operation, name) for name in read_schema(operation.target) if name.startswith("scales")
    ]
    known = [scale if scale is not None and scale > 0 else None for scale in given]
    return known or [None] * count_axes(operation)


@lru_cache(maxsize=1024)
def list_windows(mode: str, extent: int, wanted: int, scale: float | None, align: bool) -> Windows:
    """The cells that each output cell reads along one axis.

    >>> list_windows("nearest", 2, 4, None, False)
    ((0,), (0,), (1,), (1,))
    """
    match mode:
        case "nearest" | "nearest_exact":
            return tuple((cell,) for cell in locate_nearest(extent, wanted, scale, mode == "nearest_exact"))
        case "linear":
            return locate_linear(extent, wanted, scale, align)
        case "cubic":
            return locate_cubic(extent, wanted, scale, align)
        case "linear_aa" | "cubic_aa":
            return locate_antialiased(extent, wanted, 1 if mode == "linear_aa" else 2, scale, align)
        case _:
            return locate_lanczos(extent, wanted, scale)


def locate_lanczos(extent: int, wanted: int, scale: float | None = None) -> Windows:
    """The cells nearer than 3 widths, without those at 1 or 2, where the sine is 0; a width is a cell, or the ratio.

    Source: Duchon 1979, "Lanczos filtering in one and two dimensions"; the rest as Pillow's.

    >>> locate_lanczos(4, 4), locate_lanczos(6, 2)
    (((0,), (1,), (2,), (3,)), ((0, 1, 2, 3, 5), (0, 2, 3, 4, 5)))
    """
    ratio = Fraction(extent, wanted) if scale is None else 1 / Fraction(scale).limit_denominator(1_000_000)
    width, half = max(ratio, Fraction(1)), Fraction(1, 2)
    windows = []
    for place in range(wanted):
        distances = {cell: abs(cell + half - ratio * (place + half)) / width for cell in range(extent)}
        windows.append(tuple(cell for cell, distance in distances.items() if distance < 3 and distance not in (1, 2)))
    return tuple(windows)


def read_sampled(operation: Operation, output: int = 0) -> Sources:
    """Any cell of the channel, wherever the grid points; of the grid, its entry for this place."""
    value, grid = operation.arguments[:2]
    axes = range(2, len(value.shape))
    return [
        (value, (Same(0), Same(1), *(Whole() for _ in axes))),
        (grid, (Same(0), *map(Same, axes), Whole())),
    ]


NEAREST = ("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d")
RESIZED = (
    *NEAREST,
    *(f"_{name[:-2]}_exact{name[-2:]}" for name in NEAREST),
    "upsample_linear1d",
    "upsample_bilinear2d",
    "upsample_trilinear3d",
    "upsample_bicubic2d",
    "_upsample_bilinear2d_aa",
    "_upsample_bicubic2d_aa",
    "_upsample_lanczos2d_aa",
)
SAMPLED = ("grid_sampler_2d", "grid_sampler_3d", "cudnn_grid_sampler")

RULES = {
    **dict.fromkeys(RESIZED, Rule("upsample", read)),
    **dict.fromkeys(SAMPLED, Rule("sample", read_sampled)),
    **dict.fromkeys((f"{name}_backward" for name in (*RESIZED, *SAMPLED)), Rule("gradient", read_everything)),
}
