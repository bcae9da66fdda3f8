from __future__ import annotations

import math

import numpy as np
from tests.verbs.heldout.conftest import Hold

from striate.verbs.heldout.catalogue import list_samples
from striate.verbs.reporting import show_one


def measure(found: np.ndarray, clean: np.ndarray) -> float:
    return 10 * math.log10(1 / float(((found.clip(0, 1) - clean.clip(0, 1)) ** 2).mean()))


def test_the_worst_comes_first_and_says_how_good_it_is_and_was(hold: Hold) -> None:
    held = hold("restore")
    listed = list_samples(held, count=len(held)).samples
    after = []
    for sample in (listed[0], listed[len(listed) // 2], listed[-1]):
        one = show_one(held.run, held.part, sample.number)
        after.append(measure(one.answer, one.wanted))
        before = measure(one.given, one.wanted)
        assert sample.note == f"PSNR {after[-1]:.2f} dB, damaged {before:.2f} dB"
    assert after == sorted(after)
