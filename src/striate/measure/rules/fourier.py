"""Fourier transforms: each cell reads the whole of the transformed axes; its multiplies depend on the library."""

from __future__ import annotations

from striate.measure.operation import Operation
from striate.measure.reach import Same, Sources, Whole
from striate.measure.rules.rule import Rule


def read_transformed(operation: Operation, output: int = 0) -> Sources:
    """The whole of the transformed axes, the others as they are."""
    value = operation.get(0, "self")
    axes = len(value.shape)
    dims = {dim % axes for dim in operation.get(1, "dim")}
    return [(value, tuple(Whole() if axis in dims else Same(axis) for axis in range(axes)))]


TRANSFORM = Rule("fft", read_transformed, reason="multiplies of fast Fourier transforms are not counted")

RULES = dict.fromkeys(("_fft_r2c", "_fft_c2r", "_fft_c2c"), TRANSFORM)
