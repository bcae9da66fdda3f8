"""What advice yields: one thing that a design wastes or misses, the figure that shows it, and a way to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fix:
    """One change to one layer: `path` is its module, `option` what to change, `value` the new value as text.

    `option` is a part of the notation's layer (`size`, `channels`, `stride`), one of its options (`bias`, `pad`,
    `dilation`, `ceil`, ...), `before` or `after` (the value is what to put there), or `remove`.

    >>> print(Fix("block1.conv2", "bias", "no"))
    block1.conv2: bias=no
    """

    path: str
    option: str
    value: str = ""

    def __str__(self) -> str:
        if self.option == "remove":
            return f"{self.path}: remove"
        if self.option in ("before", "after"):
            return f"{self.path}: put {self.value} {self.option} it"
        return f"{self.path}: {self.option}={self.value}"


@dataclass(frozen=True)
class Finding:
    """One piece of advice.

    `name` is the kind of finding (`bias-before-bn`), `layer` the row it is about, `reason` one sentence, `figure` the
    numbers that show it, `remedy` what to do, in words. `fix` does it: all of its changes together or none; empty where
    the way out is the designer's choice.
    """

    name: str
    layer: str
    reason: str
    figure: str
    remedy: str
    fix: tuple[Fix, ...] = ()

    def __str__(self) -> str:
        return f"{self.layer or 'the network'}: {self.reason} ({self.figure}). {self.remedy}."
