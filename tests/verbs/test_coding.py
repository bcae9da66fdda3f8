"""A text as code: what its head says, and for which shape it was written; what it computes, test_source has."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.verbs.coding import write_code
from striate.verbs.networks import build

TEXT = "conv3-4, relu, gap, flatten, fc-classes"


def run_code(code: str) -> nn.Module:
    space: dict[str, Any] = {}
    exec(compile(code, "net.py", "exec"), space)
    module = space["Net"]()
    assert isinstance(module, nn.Module)
    return module


@pytest.mark.parametrize("shape", [(3, 9), (1, 8, 6), (2, 4, 5, 6)])
@pytest.mark.parametrize("classes", [2, 7])
def test_a_shape_given_beside_the_text_is_the_codes(shape: tuple[int, ...], classes: int) -> None:
    code = write_code(TEXT, shape, classes)
    assert f"{'x'.join(map(str, shape))} to {classes}" in code
    output = run_code(code).eval()(torch.zeros(2, *shape))
    assert output.shape == build(TEXT, shape, classes).eval()(torch.zeros(2, *shape)).shape == (2, classes)


def test_a_shape_given_beside_the_text_goes_before_the_texts_own() -> None:
    text = "input 3x9\nconv3-4, relu, gap, flatten, fc-5"
    assert "3x9 to 5" in write_code(text)
    changed = write_code(text, (2, 9))
    assert "2x9 to 5" in changed
    assert run_code(changed)(torch.zeros(1, 2, 9)).shape == (1, 5)


def test_the_head_says_what_comes_out_last() -> None:
    assert "1x8x8 to 6x4x4" in write_code("input 1x8x8\nconv3-6/2, relu")


@pytest.mark.parametrize(
    ("text", "shape", "why"),
    [("input 3x8x8\nconv3-4, bnn", None, ":2:10"), (TEXT, None, "input"), ("conv9-4 pad=valid, gap", (1, 4), "conv")],
)
def test_a_text_that_is_no_network_is_refused_with_its_place(
    text: str, shape: tuple[int, ...] | None, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        write_code(text, shape, 3)
