"""What measuring yields: one row per operation, totals that are the rows' sums, and the memory that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from striate.errors import InputError
from striate.measure.memory import Memory
from striate.measure.row import EXACT, Row
from striate.measure.sight import Sight, look_back
from striate.measure.trace import Trace

RULE = (
    "Multiplies: multiply-accumulates of the forward pass, for the whole batch. Convolution counts by output cells, "
    "deconvolution by input cells, padding as multiplied; matrix products, both products of attention, LSTM gates. "
    "Everything else is free."
)


@dataclass(frozen=True)
class Table:
    """What a network costs and sees.

    `input` holds the shape of each input without the batch; `mode` is that of the rows, train or eval. `parameters`,
    `multiplies`, `backward_multiplies` and `saved_bytes` are the sums of the rows'; `inference_multiplies` is the sum
    in eval mode. `inference` and `training` are the memory of one pass and of one step, by terms; `training` is None
    where no backward pass was traced, and `notes` say why.
    """

    network: str
    mode: str
    input: tuple[tuple[int, ...], ...]
    batch: int
    rows: tuple[Row, ...]
    inference_multiplies: int
    inference: Memory
    training: Memory | None
    notes: tuple[str, ...] = ()
    precision: str = "fp32"
    trace: Trace = field(repr=False, compare=False, kw_only=True)

    @property
    def parameters(self) -> int:
        """All parameters, shared ones once, those never used too."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiplies(self) -> int:
        """Multiply-accumulates of the forward pass, for the whole batch."""
        return sum(row.multiplies for row in self.rows)

    @property
    def backward_multiplies(self) -> int | None:
        """Multiply-accumulates of the backward pass, for the whole batch."""
        return _sum([row.backward_multiplies for row in self.rows])

    @property
    def saved_bytes(self) -> int | None:
        """Bytes kept for the backward pass."""
        return _sum([row.saved_bytes for row in self.rows])

    @property
    def depth(self) -> int:
        """Layers with parameters on the longest way through the network."""
        return max((row.depth for row in self.rows), default=0)

    @property
    def inference_bytes(self) -> int:
        """Peak of allocated bytes of one forward pass in eval mode."""
        return self.inference.peak

    @property
    def training_bytes(self) -> int | None:
        """Peak of allocated bytes of one step in train mode; None where no backward pass was traced."""
        return self.training.peak if self.training else None

    @property
    def status(self) -> str:
        """`exact`, or `partial:` and every operation that has no rule, with how often it was met."""
        reasons = [row.status.removeprefix("partial: ") for row in self.rows if row.status != EXACT]
        if not reasons:
            return EXACT
        return "partial: " + "; ".join(f"{why} ({reasons.count(why)}x)" for why in dict.fromkeys(reasons))

    @property
    def rule(self) -> str:
        """What the multiplies count."""
        return RULE

    def find_row(self, name: str | int) -> Row:
        """The last row of that name, or below a module of that name; or the row at that place.

        Raises:  InputError if there is none.
        """
        if isinstance(name, int):
            if not -len(self.rows) <= name < len(self.rows):
                raise InputError(f"row {name}: found {len(self.rows)} rows. Count from 0")
            return self.rows[name]
        rows = [row for row in reversed(self.rows) if row.index >= 0]
        exact = (row for row in rows if row.name == name)
        below = (row for row in rows if row.name.startswith(f"{name}.") or not name)
        found = next(exact, None) or next(below, None)
        if found is not None:
            return found
        near = ", ".join(list(dict.fromkeys(row.name for row in self.rows if row.name))[:8])
        raise InputError(f"row {name!r}: found no such row. Name one of: {near} ...")

    def field_at(self, name: str | int, cell: Sequence[int] | int) -> Sight:
        """Find exactly which input cells one output cell of a row sees: borders, holes and all.

        Shape:   `cell` is the place along the output's spatial axes (all channels together), or channel and place.
        Cost:    in proportion to the operations between, milliseconds for a hundred.
        Raises:  InputError if there is no such row or cell.
        """
        row = self.find_row(name)
        return look_back(self.trace, self.trace.operations[row.last].outputs[0], cell)

    def look(self, name: str | int) -> Sight:
        """What the middle cell of a row sees: what share of the input it covers, and of that what share it touches.

        Cost and errors as `field_at`.
        """
        row = self.find_row(name)
        return self.field_at(name, tuple(extent // 2 for extent in row.output[1:]))

    def __iter__(self) -> Iterator[Row]:
        """Go through the rows."""
        return iter(self.rows)


def _sum(numbers: list[int | None]) -> int | None:
    return None if any(number is None for number in numbers) else sum(number or 0 for number in numbers)
