"""A filter by hand: one kernel slid over every channel of an input, which is all that a convolution layer does.

The kernel isn't flipped: like torch's layers, this is cross-correlation, `output[i] = sum over k of kernel[k] *
input[i + k - before]`. Each channel is filtered by itself (depthwise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Tensor

from striate.arithmetic import Pair, resolve_padding
from striate.errors import InputError
from striate.explain.convolving.classical import Kernel
from striate.layers.padded_nd import convolve_nd
from striate.layers.padding import pad_axes

PADS = ("zero", "reflect", "replicate", "circular", "valid")
BY_TORCH = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


@dataclass(frozen=True)
class Applied:
    """A kernel, and what it makes of each channel: [channels, *extents]."""

    kernel: Kernel
    after: Tensor = field(repr=False)


@dataclass(frozen=True)
class Filtered:
    """An input before, [channels, *extents] from 0 to 1 (a sound: -1 to 1), and after each of some kernels.

    `pad` is what stood beyond the border; `rate` is a sound's samples per second.
    """

    name: str
    before: Tensor = field(repr=False)
    applied: tuple[Applied, ...]
    pad: str = "zero"
    rate: int | None = None
    notes: tuple[str, ...] = ()


def filter_channels(
    name: str,
    before: Tensor,
    kernels: Sequence[Kernel],
    pad: str = "zero",
    rate: int | None = None,
    notes: tuple[str, ...] = (),
) -> Filtered:
    """Filter an input [channels, *extents] by each of some kernels.

    Raises:  InputError as `apply_kernel` does.
    """
    if not kernels:
        raise InputError("kernel: found none, needed at least one, such as blur")
    applied = tuple(Applied(kernel, apply_kernel(before[None], kernel, pad)[0]) for kernel in kernels)
    return Filtered(name, before, applied, pad, rate, notes)


def apply_kernel(inputs: Tensor, kernel: Kernel, pad: str = "zero") -> Tensor:
    """Cross-correlate every channel of a batch with a kernel, at every cell.

    `pad` says what lies beyond the border: zeros, the mirrored input (`reflect`), its last cell (`replicate`), its
    other end (`circular`); `valid` asks for no more than the cells that need none. Of an even size the extra cell
    stands behind.

    Shape:   [batch, channels, *extents] -> the same; with `valid` each extent less its size, plus 1.
    Cost:    cells x the kernel's taps multiplies.
    Raises:  InputError for another number of axes, an unknown padding, and an input too small for it.
    """
    check_pad(pad)
    values = kernel.values.to(inputs)
    axes = values.ndim
    if inputs.ndim != 2 + axes:
        raise InputError(f"kernel {kernel.name}: has {axes} axes, the input {inputs.ndim - 2}. Give one of as many")
    pads = [(0, 0) if pad == "valid" else resolve_padding("same", size) for size in values.shape]
    _check_room(kernel, inputs.shape[2:], pads, pad)
    alone = inputs.reshape(-1, 1, *inputs.shape[2:])
    padded = pad_axes(alone, pads, "zeros" if pad in ("zero", "valid") else pad)
    if convolve := BY_TORCH.get(axes):
        output = convolve(padded, values[None, None])
    else:
        output = convolve_nd(padded, values[None, None], None, tuple(values.shape), (1,) * axes, (1,) * axes)
    return output.reshape(*inputs.shape[:2], *output.shape[2:])


def check_pad(pad: str) -> None:
    """Refuse a padding that there isn't. Raises: InputError."""
    if pad not in PADS:
        raise InputError(f"pad: found `{pad}`, needed one of {', '.join(PADS)}")


def _check_room(kernel: Kernel, extents: Sequence[int], pads: Sequence[Pair], pad: str) -> None:
    """Mirroring needs more cells than it adds, going round as many, and an unpadded kernel room for itself."""
    for extent, size, cells in zip(extents, kernel.values.shape, pads, strict=True):
        needed = {"reflect": max(cells) + 1, "circular": max(cells), "valid": size}.get(pad, 1)
        if extent < needed:
            found = f"kernel {kernel.name} with pad {pad}: found {extent} cells along an axis, needed {needed}"
            raise InputError(f"{found}. Use pad zero, or a smaller kernel")
