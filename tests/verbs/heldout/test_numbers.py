from __future__ import annotations

import numpy as np
from tests.verbs.heldout.conftest import Hold

from striate.verbs.heldout.catalogue import list_samples


def test_the_farthest_off_comes_first_measured_by_the_spread_of_its_targets(hold: Hold) -> None:
    held = hold("regress")
    targets = np.asarray(held.part.labels, float)
    off = []
    for number in range(len(held)):
        each = [abs(held.answers[number][k] - targets[number][k]) / targets[:, k].std() for k in range(2)]
        off.append(max(each))
    listed = list_samples(held, count=len(held)).samples
    assert [each.number for each in listed] == sorted(range(len(held)), key=lambda number: -off[number])
    first = listed[0]
    assert first.truth == ", ".join(
        f"{name} {value:.4g}" for name, value in zip(held.run.classes, targets[first.number], strict=True)
    )
    assert first.note is not None
    assert first.note.startswith("off by ")
    assert first.right is None
