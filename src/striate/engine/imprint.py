"""What a module was at a moment, so that it can be told later, and soon, whether it still is."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from torch import Tensor, nn

_VALUES, _PLACE = operator.methodcaller("values"), operator.methodcaller("data_ptr")
_VERSION = operator.attrgetter("_version")


@dataclass(frozen=True)
class Imprint:
    """A module's parts and tensors, and of each tensor its place and its version, which in-place writing raises.

    Most modules have empty tables (a rectifier has nothing but), which are asked all at once.
    """

    empty: list[dict[str, Any]]
    filled: list[dict[str, Any]]
    values: list[Any]
    tensors: list[Tensor]
    places: list[int]
    counted: list[Tensor]
    versions: list[int]

    @classmethod
    def take(cls, module: nn.Module) -> Imprint:
        """The module as it is now.

        >>> module = nn.Linear(2, 2)
        >>> imprint = Imprint.take(module)
        >>> before = imprint.is_true()
        >>> module.bias = None
        >>> before, imprint.is_true()
        (True, False)
        """
        tables = [table for part in module.modules() for table in (part._parameters, part._buffers, part._modules)]
        filled = [table for table in tables if table]
        values = [*chain.from_iterable(map(_VALUES, filled))]
        tensors = [each for each in values if isinstance(each, Tensor)]
        counted = [each for each in tensors if not each.is_inference()]  # the others have no version
        empty = [table for table in tables if not table]
        return cls(empty, filled, values, tensors, [*map(_PLACE, tensors)], counted, [*map(_VERSION, counted)])

    def is_true(self) -> bool:
        """Whether the module has the same parts and tensors, and nobody has written into them."""
        now = [*chain.from_iterable(map(_VALUES, self.filled))]
        return (
            not any(self.empty)
            and len(now) == len(self.values)
            and all(map(operator.is_, now, self.values))
            and [*map(_PLACE, self.tensors)] == self.places
            and [*map(_VERSION, self.counted)] == self.versions
        )
