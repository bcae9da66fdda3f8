from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.methods.occlusion import explain_occlusion, occlude
from striate.explain.question import Question


def occlude_slowly(net: nn.Module, x: Tensor, target: int, size: list[int], step: list[int]) -> Tensor:
    """One window after the other, cell by cell."""
    extents = x.shape[1:]
    falls, over = torch.zeros(extents, dtype=x.dtype), torch.zeros(extents, dtype=x.dtype)
    whole = net(x[None])[0, target]
    first = [-((width - 1) // stride) * stride for width, stride in zip(size, step, strict=True)]
    ways = [range(low, extent, stride) for low, extent, stride in zip(first, extents, step, strict=True)]
    for starts in itertools.product(*ways):
        box = tuple(slice(max(0, start), start + width) for start, width in zip(starts, size, strict=True))
        hidden = x.clone()
        hidden[(slice(None), *box)] = 0
        falls[box] += whole - net(hidden[None])[0, target]
        over[box] += 1
    return falls / over


@pytest.mark.parametrize(
    ("axes", "size", "step"),
    [(1, [3], [1]), (1, [4], [3]), (2, [3, 2], [2, 1]), (2, [1, 9], [1, 9]), (3, [4] * 3, [3] * 3)],
)
@torch.no_grad()
def test_a_loop_over_windows_gives_the_same(axes: int, size: list[int], step: list[int]) -> None:
    net = make_tiny(axes, 2).eval().double()
    inputs = draw_inputs(axes, 2).double()
    found = occlude(Question(net, inputs, torch.tensor([1, 3]), rows=7), size, step)
    for x, target, heat in zip(inputs, (1, 3), found, strict=True):
        torch.testing.assert_close(heat, occlude_slowly(net, x, target, size, step), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_window_is_an_eighth_and_moves_by_half(axes: int) -> None:
    net = make_tiny(axes).eval().double()
    inputs = torch.randn(1, 1, *[17, 4, 3][:axes]).double()
    asked = Question(net, inputs, torch.tensor([0]))
    size = [2, 1, 1][:axes]
    assert torch.equal(explain_occlusion(asked).values, occlude(asked, size, [1, 1, 1][:axes]))


def test_a_batch_gives_what_its_samples_give_whatever_passes_at_a_time() -> None:
    net, inputs = make_tiny(2, 3).eval(), draw_inputs(2, 3, batch=5)
    target = torch.tensor([0, 1, 2, 3, 0])
    together = explain_occlusion(Question(net, inputs, target, rows=7)).values
    alone = [
        explain_occlusion(Question(net, x[None], t[None], rows=7)).values for x, t in zip(inputs, target, strict=True)
    ]
    assert torch.equal(together, torch.cat(alone))
    other = explain_occlusion(Question(net, inputs, target, rows=50)).values
    torch.testing.assert_close(other, together, rtol=1e-4, atol=1e-6)


def test_progress_ends_at_the_number_of_windows() -> None:
    heard: list[tuple[int, int]] = []
    asked = Question(
        make_tiny(1).eval(), draw_inputs(1), torch.tensor([0, 1]), rows=4, on_progress=lambda *told: heard.append(told)
    )
    explain_occlusion(asked)
    assert heard[-1][0] == heard[-1][1] == 2 * 9
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})


@pytest.mark.parametrize(("size", "step"), [([0], [1]), ([2], [3]), ([2, 2], [1, 1]), ([2], [0])])
def test_windows_that_leave_cells_out_are_refused(size: list[int], step: list[int]) -> None:
    asked: Any = Question(make_tiny(1).eval(), draw_inputs(1), torch.tensor([0, 1]))
    with pytest.raises(InputError, match=r"window|step"):
        occlude(asked, size, step)
