from __future__ import annotations

import numpy as np
from tests.verbs.heldout.conftest import Hold

import striate
from striate.verbs.heldout import Query
from striate.verbs.heldout.catalogue import count_grid, list_samples


def test_the_grid_counts_the_cells_of_the_masks_that_predict_gives(hold: Hold) -> None:
    held = hold("segment")
    each = np.zeros((len(held), 2, 2), int)
    for number in range(len(held)):
        mask, truth = striate.predict(held.run, held.part.inputs[number : number + 1])[0], held.part.labels[number]
        for true in range(2):
            for said in range(2):
                each[number, true, said] = ((truth == true) & (mask == said)).sum()
    grid = count_grid(held)
    assert grid is not None
    assert grid.counts.tolist() == each.sum(0).tolist()
    assert grid.of == "cells"
    listed = list_samples(held, Query(1, 0), count=len(held)).samples
    order = sorted(range(len(held)), key=lambda number: -each[number, 1, 0])
    assert [sample.number for sample in listed] == [number for number in order if each[number, 1, 0]]
    for sample in listed:
        assert (sample.note or "").startswith(f"{each[sample.number, 1, 0]:,} such cells, mean IoU")
