"""The classical filters as kernels: small arrays of numbers, made for any number of axes.

Each is `identity * delta + part`, where the part is of 3 cells along every axis. A larger size takes the same filter of
a smoother input: its part is the small one convolved with a binomial kernel, which keeps the sum.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from math import comb, prod

import torch
from torch import Tensor

from striate.errors import InputError

NAMES = ("blur", "sharpen", "emboss", "edge", "sobel-x", "sobel-y", "sobel-z", "laplacian")
DEFAULT_SIZE = {"blur": 5}
LARGEST, MOST_TAPS, MOST_TEXT = 63, 1 << 16, 100_000
WRITTEN = re.compile(r"(\[.*\])\s*(?:/\s*(\d+(?:\.\d+)?))?", re.DOTALL)


@dataclass(frozen=True)
class Kernel:
    """A kernel's numbers [*size], one axis for each of the input's, and what it is called."""

    name: str
    values: Tensor = field(repr=False)

    @property
    def sum(self) -> float:
        """What it makes of an even input of ones; 0 for one that finds differences."""
        total, size = float(self.values.sum()), float(self.values.abs().sum())
        return 0.0 if abs(total) <= 1e-9 * size else total


def make_kernel(name: str, axes: int, size: int | None = None) -> Kernel:
    """Make a classical kernel for so many axes; `size` cells along each, 3 where left out (blur: 5).

    The last axis is x, the one before it y, the one before that z. `blur` is binomial, its sum 1; `laplacian` sums the
    second differences of all axes; `sharpen` is the identity less it; `edge` is the cell less its neighbours (of a
    series: less the one before); `sobel-x` is the difference across x, smooth along the other axes; `emboss` adds the
    difference along the diagonal.

    Raises:  InputError for an unknown name, a size that is even or out of range, and an axis that the input lacks.
    Source:  Gonzalez & Woods, "Digital Image Processing", 4th ed., sec. 3.5 and 3.6; Sobel 1968 as there in 10.2.

    >>> make_kernel("sobel-x", 2).values.int().tolist()
    [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    >>> make_kernel("sharpen", 1).values.int().tolist()
    [-1, 3, -1]
    """
    if name not in NAMES:
        raise InputError(f"kernel: found `{name}`, needed one of {', '.join(NAMES)}, or numbers such as [[0,1],[1,0]]")
    _check_axis(name, axes)
    cells = DEFAULT_SIZE.get(name, 3) if size is None else size
    if cells % 2 == 0 or not 3 <= cells <= LARGEST or cells**axes > MOST_TAPS:
        most = next(most for most in range(LARGEST, 0, -2) if most**axes <= MOST_TAPS)
        raise InputError(f"kernel {name}: found size {cells}, needed an odd number from 3 to {most}")
    part = _make_part(name, axes)
    if cells > 3:
        part = _smooth(part, cells - 2)
    if name in ("sharpen", "emboss"):
        part[(cells // 2,) * axes] += 1
    return Kernel(name, part)


def _check_axis(name: str, axes: int) -> None:
    axis = "xyz".find(name[-1]) if name.startswith("sobel") else 0
    if axis >= axes:
        known = ", ".join(f"sobel-{letter}" for letter in "xyz"[:axes])
        what = "a sound or series has one axis, x" if axes == 1 else f"the input has {axes} axes"
        raise InputError(f"kernel {name}: {what}. Use {known}")


def _make_part(name: str, axes: int) -> Tensor:
    """Three cells along every axis."""
    smooth, across = torch.tensor([1.0, 2, 1], dtype=torch.float64), torch.tensor([-1.0, 0, 1], dtype=torch.float64)
    if name == "blur":
        return _multiply([smooth / 4] * axes)
    if name.startswith("sobel"):
        chosen = axes - 1 - "xyz".index(name[-1])
        return _multiply([across if axis == chosen else smooth for axis in range(axes)])
    if name == "emboss":
        return sum((_spread(across, axis, axes) for axis in range(axes)), torch.zeros((3,) * axes, dtype=torch.float64))
    if name == "edge":
        return _make_edge(axes)
    sign = -1 if name == "sharpen" else 1
    part = torch.zeros((3,) * axes, dtype=torch.float64)
    for axis in range(axes):
        for cell, weight in ((0, 1), (1, -2), (2, 1)):
            part[tuple(cell if each == axis else 1 for each in range(axes))] += sign * weight
    return part


def _make_edge(axes: int) -> Tensor:
    if axes == 1:
        return torch.tensor([-1.0, 1, 0], dtype=torch.float64)
    part = -torch.ones((3,) * axes, dtype=torch.float64)
    part[(1,) * axes] += 3**axes
    return part


def _multiply(factors: list[Tensor]) -> Tensor:
    """The outer product, one axis for each factor."""
    product = torch.ones((), dtype=torch.float64)
    for factor in factors:
        product = product[..., None] * factor
    return product


def _spread(line: Tensor, axis: int, axes: int) -> Tensor:
    """A line along one axis, the same at every place of the others."""
    return line.reshape([-1 if each == axis else 1 for each in range(axes)]).expand((3,) * axes)


def _smooth(part: Tensor, size: int) -> Tensor:
    """Convolve with a binomial kernel of sum 1, whole: each axis grows by size - 1."""
    weights = [comb(size - 1, place) / 2 ** (size - 1) for place in range(size)]
    for axis in range(part.ndim):
        grown = list(part.shape)
        grown[axis] += size - 1
        smoother = torch.zeros(grown, dtype=torch.float64)
        for place, weight in enumerate(weights):
            smoother.narrow(axis, place, part.shape[axis]).add_(weight * part)
        part = smoother
    return part


def read_kernel(text: str, axes: int) -> Kernel:
    """Read a kernel's numbers: nested lists as deep as the input has axes, if need be over a divisor.

    Raises:  InputError for anything else: ragged lists, other depths, no finite numbers, more than a kernel may have.

    >>> read_kernel("[[1, 2, 1], [2, 4, 2], [1, 2, 1]] / 16", 2).sum
    1.0
    """
    name = shorten_name(text)
    match = WRITTEN.fullmatch(text.strip()) if len(text) <= MOST_TEXT else None
    if match is None:
        raise InputError(f"kernel {name}: needed lists of numbers, such as [[0,1,0],[1,-4,1],[0,1,0]]")
    try:
        numbers = json.loads(match[1])
    except (ValueError, RecursionError):
        raise InputError(f"kernel {name}: can't be read, needed lists of numbers, such as [[0,1],[1,0]]") from None
    divisor = float(match[2] or 1)
    if not divisor:
        raise InputError(f"kernel {name}: found a division by 0. Divide by another number")
    kernel = check_kernel(numbers, axes, name)
    return Kernel(name, kernel.values / divisor)


def check_kernel(numbers: object, axes: int, name: str = "kernel") -> Kernel:
    """A kernel from nested lists or a tensor of numbers. Raises: InputError as `read_kernel` does."""
    if isinstance(numbers, Tensor):
        values = numbers.detach().to("cpu", torch.float64)
    else:
        values = torch.tensor(_flatten(numbers, (shape := _find_shape(numbers, name)), name), dtype=torch.float64)
        values = values.reshape(shape)
    if values.ndim != axes:
        nested = "a plain list" if axes == 1 else f"lists nested {axes} deep"
        raise InputError(f"kernel {name}: found {values.ndim} axes, needed {axes}, as the input has: {nested}")
    if min(values.shape) < 1 or max(values.shape) > LARGEST or prod(values.shape) > MOST_TAPS:
        found = "x".join(map(str, values.shape))
        raise InputError(f"kernel {name}: found {found}, needed 1 to {LARGEST} numbers along each axis")
    if not bool(torch.isfinite(values).all()):
        raise InputError(f"kernel {name}: found NaN or infinity, needed finite numbers")
    return Kernel(name, values)


def _find_shape(numbers: object, name: str) -> tuple[int, ...]:
    shape: list[int] = []
    while isinstance(numbers, list | tuple):
        shape.append(len(numbers))
        if not numbers or len(shape) > 8:
            raise InputError(f"kernel {name}: found {'an empty list' if not numbers else 'deep lists'}, needed numbers")
        numbers = numbers[0]
    return tuple(shape)


def _flatten(numbers: object, shape: tuple[int, ...], name: str) -> list[float]:
    if not shape:
        if isinstance(numbers, bool) or not isinstance(numbers, int | float):
            raise InputError(f"kernel {name}: found {str(numbers)[:20]!r}, needed a number")
        try:
            return [float(numbers)]
        except OverflowError:
            raise InputError(f"kernel {name}: found a number that is too large, needed finite ones") from None
    if not isinstance(numbers, list | tuple) or len(numbers) != shape[0]:
        raise InputError(f"kernel {name}: found lists of different lengths, needed them alike")
    return [value for each in numbers for value in _flatten(each, shape[1:], name)]


def shorten_name(text: str) -> str:
    """A kernel's numbers as its name: on one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
