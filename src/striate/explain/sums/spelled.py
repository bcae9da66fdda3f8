"""What a cell is made of, as plain numbers: terms of a weighed sum, steps of a formula, and all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
CELL, PADDING, GAP = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Terms:
    """A weighed sum, line by line: `weights * inputs`, both in the order of `grid` (channels x kernel).

    `places` [terms, axes] are the cells of the layer's input (channel, then place), -1 where there is none;
    `states` say of each term whether it reads a cell (0), padding (1), or a gap of a transposed convolution (2).
    `weight_places` [terms, axes] are the indices into the parameter `parameter`; None where the weights are no
    parameter's, such as the 1/n of a mean. `sources` names what is read, `source` which of them a term reads.
    """

    grid: tuple[int, ...]
    weights: Floats = field(repr=False)
    inputs: Floats = field(repr=False)
    places: Places = field(repr=False)
    states: Places = field(repr=False)
    source: Places = field(repr=False)
    sources: tuple[str, ...]
    parameter: str | None = None
    weight_places: Places | None = field(default=None, repr=False)

    @property
    def products(self) -> Floats:
        """What each term adds; a gap adds nothing."""
        products: Floats = np.where(self.states == GAP, 0.0, self.weights * self.inputs)
        return products

    @property
    def partial(self) -> Floats:
        """What each channel adds, in the order of the grid's first axis."""
        partial: Floats = self.products.reshape(self.grid[0], -1).sum(1)
        return partial

    @property
    def total(self) -> float:
        """All of it."""
        return float(self.products.sum())


@dataclass(frozen=True, eq=False)
class Step:
    """One operation at one cell: its formula with the numbers in it, what that comes to, and the module's own number.

    `cell` is the place in what the operation made; `facts` are the numbers that the formula names.
    """

    name: str
    cell: tuple[int, ...]
    formula: str
    total: float
    value: float
    facts: Mapping[str, float] = field(default_factory=dict)
    terms: Terms | None = None
    scale: float = 0.0

    @property
    def error(self) -> float:
        """How far both are apart, relative to the largest number that took part."""
        if self.total == self.value or (np.isnan(self.total) and np.isnan(self.value)):
            return 0.0
        sizes = [abs(self.value), abs(self.total), self.scale, *(abs(each) for each in self.facts.values())]
        if self.terms is not None and len(self.terms.weights):
            sizes.append(float(np.abs(self.terms.products).sum()))
        return abs(self.total - self.value) / max(max(sizes), 1e-30)


@dataclass(frozen=True, eq=False)
class Sum:
    """The whole sum behind one cell of a layer.

    `cell` is (channel, *place); `value` the number that the module itself has there, `total` what terms, bias and steps
    come to. `steps` lead there in order, the last one gives the cell; `terms` and `bias` are those of the step that
    weighs the layer's input, None where there is none.
    """

    layer: str
    kind: str
    cell: tuple[int, ...]
    value: float
    total: float
    formula: str
    steps: tuple[Step, ...]
    terms: Terms | None = None
    bias: float | None = None
    shape: tuple[int, ...] = ()
    input_shape: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def error(self) -> float:
        """The largest difference of any step to the module's own number, relative to what took part in it."""
        return max((step.error for step in self.steps), default=0.0)


def write_number(number: float) -> str:
    """A number as a formula shows it.

    >>> write_number(0.125), write_number(-3.0), write_number(1.23456e-9)
    ('0.125', '-3', '1.23456e-09')
    """
    return f"{number:.6g}"
