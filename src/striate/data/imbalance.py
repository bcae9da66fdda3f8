"""How uneven the classes are: the training samples of each, and how many times the rarest goes into the commonest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from striate.data.part import Integers

UNEVEN = 1.5  # from this ratio on it is worth a word: MNIST's is 1.2


@dataclass(frozen=True)
class Imbalance:
    """The samples of each class, in class order.

    >>> uneven = Imbalance((900, 30, 300))
    >>> uneven.ratio, uneven.is_uneven, uneven.rarest, uneven.commonest
    (30.0, True, 1, 0)
    """

    counts: tuple[int, ...]

    @property
    def rarest(self) -> int:
        """The class with the fewest samples; the first of equals."""
        return int(np.argmin(self.counts))

    @property
    def commonest(self) -> int:
        """The class with the most samples; the first of equals."""
        return int(np.argmax(self.counts))

    @property
    def ratio(self) -> float:
        """The commonest class's samples for one of the rarest's; infinite where a class has none."""
        least = self.counts[self.rarest]
        return self.counts[self.commonest] / least if least else float("inf")

    @property
    def is_uneven(self) -> bool:
        """Whether it is worth a word; classes without a sample, as a small held-out part may have, don't count."""
        present = [count for count in self.counts if count]
        return bool(present) and max(present) / min(present) >= UNEVEN


def count_classes(labels: Integers, classes: int) -> Imbalance:
    """Count each class's samples, those of classes without any too.

    >>> count_classes(np.array([0, 2, 2]), 3).counts
    (1, 0, 2)
    """
    return Imbalance(tuple(np.bincount(labels, minlength=classes).tolist()))
