"""The mean or the maximum of all places, over any number of axes; the extents of 1 are kept."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from striate.layers.axes import MOST_BY_TORCH, require_axes, require_dimensions

ORDINARY: dict[str, tuple[type[nn.Module], ...]] = {
    "max": (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
    "average": (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
}


class _GlobalPool(nn.Module):
    def __init__(self, axes: int) -> None:
        super().__init__()
        self.axes = axes
        self.dims = tuple(range(2, 2 + axes))

    def extra_repr(self) -> str:
        return f"axes={self.axes}"


class GlobalAvgPool(_GlobalPool):
    """The mean of each channel.

    Shape:   [N, C, *extents] -> [N, C, 1, 1, ...], with as many axes as before.
    Raises:  ShapeError if the input has another number of axes.
    Source:  Lin et al. 2014, arXiv:1312.4400, sec. 3.2.
    """

    def forward(self, input: Tensor) -> Tensor:
        require_dimensions(input, self.axes)
        return input.mean(self.dims, keepdim=True)


class GlobalMaxPool(_GlobalPool):
    """The maximum of each channel; places that share it share its gradient.

    Shape:   [N, C, *extents] -> [N, C, 1, 1, ...], with as many axes as before.
    Raises:  ShapeError if the input has another number of axes.
    """

    def forward(self, input: Tensor) -> Tensor:
        require_dimensions(input, self.axes)
        return input.amax(self.dims, keepdim=True)


def make_global_pool(axes: int, kind: Literal["max", "average"]) -> nn.Module:
    """Make torch's adaptive pool for up to three axes, else one of ours.

    Raises: InputError for no axes.

    >>> make_global_pool(2, "average"), make_global_pool(4, "max")
    (AdaptiveAvgPool2d(output_size=1), GlobalMaxPool(axes=4))
    """
    require_axes(axes)
    if axes <= MOST_BY_TORCH:
        return ORDINARY[kind][axes - 1](1)
    return GlobalAvgPool(axes) if kind == "average" else GlobalMaxPool(axes)
