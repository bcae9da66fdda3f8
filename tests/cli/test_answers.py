from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import striate
from striate.cli.answers import look, write_fit, write_look

TEXT = "input 1x12x10\nconv3-2, conv3-2 dilation=2, conv1-2/2"


@pytest.mark.parametrize("cell", [(0, 0), (3, 2), (5, 4)])
def test_what_a_cell_sees_is_what_moves_it(cell: tuple[int, int]) -> None:
    seen = look(striate.measure(TEXT), "conv3", cell)
    module = striate.build(TEXT)
    for parameter in module.parameters():
        torch.nn.init.ones_(parameter)
    x = torch.ones(1, 1, 12, 10, requires_grad=True)
    module(x)[0, :, *cell].sum().backward()
    assert x.grad is not None
    touched = x.grad[0, 0].numpy() != 0
    assert seen["cells"] == touched.sum()
    rows, columns = (np.flatnonzero(touched.any(axis)) for axis in (1, 0))
    assert seen["offset"] == [rows[0], columns[0]]
    assert seen["size"] == [rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1]


def write(**figures: Any) -> str:
    seen = {"name": "conv2", "cell": [4], "extents": [100], "size": [9], "offset": [2], "cells": 9, "exact": True}
    return write_look({**seen, **figures}, 80)


def test_what_a_cell_sees_is_one_sentence() -> None:
    assert write() == "conv2 at 4 sees 9 of 100 (2 to 10; 9.0 %); each cell is read"
    assert write(cells=5).endswith("5 of 9 cells are read (55.6 %)")
    assert write(exact=False).startswith("conv2 at 4 sees at most 9 of 100")
    assert write(size=[0], offset=[0], cells=0) == "conv2 at 4 sees nothing of the input"


def test_batches_are_said_and_none_is_none() -> None:
    said = write_fit({"bytes": 10**6, "inference": 1234, "training": 0}, "adam", "bf16", 80)
    assert said == "largest batch within 977 KiB: 1,234 at inference, none in training (adam, bf16)"
    assert (
        write_fit({"bytes": 1024, "inference": 7}, "adam", "bf16", 80) == "largest batch within 1 KiB: 7 at inference"
    )
