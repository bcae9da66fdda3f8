from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.relevance import Passing

CHOOSING: list[Callable[[Tensor], Tensor]] = [
    lambda x: x.view(2, 24).reshape(4, 12).t(),
    lambda x: x.permute(2, 0, 1)[1:, :, ::2],
    lambda x: torch.cat([x, x.flip(1)], 1).roll(1, 2),
    lambda x: torch.stack(x.chunk(2, 1)).unsqueeze(0).squeeze(0),
    lambda x: x.sort(2).values.topk(2, 1).values,
    lambda x: F.max_pool1d(x, 2),
    lambda x: F.max_pool2d(x, 2, 1, 1),
    lambda x: F.adaptive_max_pool1d(x, 3),
    lambda x: x.amax((1, 2)) + 0,
    lambda x: x.max(1).values,
    lambda x: torch.maximum(x, x.flip(0)),
    lambda x: torch.where(x > 0, x, x.flip(1)),
    lambda x: x.unfold(2, 3, 1),
    lambda x: x.repeat(1, 2, 1).repeat_interleave(2, 0),
    lambda x: F.interpolate(x, 12),
    lambda x: F.pixel_shuffle(x[:, None].reshape(2, 4, 2, 3), 2),
    lambda x: F.pad(x, (2, 1), mode="reflect"),
    lambda x: F.pad(x, (2, 1), mode="circular"),
    lambda x: F.pad(x, (-1, 2)),
    lambda x: F.unfold(x[..., None], (2, 1)),
    lambda x: F.dropout(x, training=False),
    lambda x: nn.Identity()(x).contiguous(),
    lambda x: x.float(),
    lambda x: x[torch.arange(2)[:, None], torch.tensor([[0, 1]])],
    lambda x: x.gather(1, torch.zeros(2, 2, 6, dtype=torch.int64)),
    lambda x: x.masked_fill(x < 0, 0),
]


@pytest.mark.parametrize("choose", CHOOSING)
def test_each_output_gives_all_its_relevance_to_the_cell_it_is(choose: Callable[[Tensor], Tensor]) -> None:
    x = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0)).double()
    leaf = x.clone().requires_grad_()
    with Passing():
        output = choose(leaf)
    due = torch.randn(output.shape, generator=torch.Generator().manual_seed(1)).to(output)
    due = torch.where(output == 0, 0, due)  # what a constant 0 is due, nobody gets
    (got,) = torch.autograd.grad(output, leaf, due)
    expected = torch.zeros_like(x)
    for index in torch.nonzero(due):
        expected[(x.to(output.dtype) == output[tuple(index)])] += due[tuple(index)]
    torch.testing.assert_close(got, expected)


class Overwriting(nn.Module):
    def forward(self, input: Tensor) -> Tensor:
        canvas = torch.zeros(len(input), 5, 6, dtype=input.dtype)
        canvas[:, 1:] = input
        canvas[:, 0].copy_(input[:, 3])
        canvas[:, 2:4].relu_()
        return canvas


def test_writing_into_a_canvas_moves_relevance() -> None:
    x = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0)).double()
    leaf = x.clone().requires_grad_()
    passing, net = Passing(), Overwriting()
    with passing.enter(net), passing:
        output = net(leaf)
    torch.testing.assert_close(output.detach(), net(x))
    (got,) = torch.autograd.grad(output, leaf, output.detach())
    expected = x.clone()
    expected[:, 1:3] = x[:, 1:3].relu()
    expected[:, 3] *= 2
    torch.testing.assert_close(got, expected)
    assert not net._forward_hooks
    assert not net._forward_pre_hooks


def test_a_sum_by_scattering_is_no_choice() -> None:
    leaf = torch.rand(4).requires_grad_()
    with Passing(), pytest.raises(InputError, match="scatter_add"):
        torch.zeros(2).scatter_add(0, torch.tensor([0, 0, 1, 1]), leaf)
