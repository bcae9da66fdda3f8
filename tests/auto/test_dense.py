"""U-Nets of any dimension and extents: built, run, and as large as their input."""

from __future__ import annotations

import pytest
import torch

import striate
from striate.auto.dense import choose_width, design_dense, plan_levels


@pytest.mark.parametrize("extents", [(1,), (7,), (77,), (28, 28), (9, 13), (17, 8), (6, 13, 24), (4, 4, 4, 9)])
@pytest.mark.parametrize(("channels", "outputs", "residual"), [(1, 1, True), (3, 3, True), (2, 5, False)])
def test_the_output_has_the_inputs_extents(
    extents: tuple[int, ...], channels: int, outputs: int, residual: bool
) -> None:
    design = design_dense(channels, extents, outputs, samples=50, residual=residual)
    module = striate.build(striate.read(design.text), input=(channels, *extents), classes=outputs).eval()
    with torch.no_grad():
        assert module(torch.zeros(2, channels, *extents)).shape == (2, outputs, *extents)


@pytest.mark.parametrize("extents", [(28, 28), (9, 13), (100,), (5, 33, 64)])
def test_levels_follow_each_other(extents: tuple[int, ...]) -> None:
    levels = plan_levels(extents)
    before = extents
    for level in levels:
        assert level.extents == before
        assert level.inner == tuple((e + f - 1) // f for e, f in zip(before, level.factors, strict=True))
        before = level.inner
    assert all(each < 8 or len(levels) == 4 for each in before)


def test_a_cell_far_off_is_seen() -> None:
    """The gradient of a corner's answer reaches the other corner."""
    design = design_dense(1, (28, 28), 1)
    module = striate.build(striate.read(design.text), input=(1, 28, 28), classes=1).eval()
    values = torch.rand(1, 1, 28, 28, requires_grad=True)
    module(values)[0, 0, 0, 0].backward()
    assert values.grad is not None
    assert float(values.grad[0, 0, 20:, 20:].abs().sum()) > 0


def test_fewer_samples_and_more_cells_make_it_narrower() -> None:
    assert choose_width((28, 28)) > choose_width((28, 28), 50)
    assert choose_width((28, 28), 5000) > choose_width((256, 256), 5000)


def test_reasons_say_what_is_there() -> None:
    assert any("odd extents" in reason for reason in design_dense(1, (9, 9), 1).reasons)
    assert not any("odd extents" in reason for reason in design_dense(1, (16, 16), 1).reasons)
