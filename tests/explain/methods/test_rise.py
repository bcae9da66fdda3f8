from __future__ import annotations

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny
from torch import Tensor, nn

from striate.explain.covering.masks import draw_masks
from striate.explain.methods.rise import explain_rise, weigh_masks
from striate.explain.question import Question


@pytest.mark.parametrize("axes", [1, 2, 3])
@torch.no_grad()
def test_a_loop_over_masks_gives_the_same(axes: int) -> None:
    net, inputs = make_tiny(axes, 2).eval().double(), draw_inputs(axes, 2).double()
    masks = draw_masks(inputs.shape[2:], seed=4, count=23)
    found = weigh_masks(Question(net, inputs, torch.tensor([1, 2]), rows=5), masks)
    for x, target, heat in zip(inputs, (1, 2), found, strict=True):
        weighed, shown, scores = torch.zeros_like(heat), torch.zeros_like(heat), []
        for number in range(23):
            mask = masks.make(torch.tensor([number]), torch.float64)[0]
            score = net((x * mask)[None])[0, target]
            weighed += score * mask
            shown += mask
            scores.append(score)
        expected = torch.where(shown > 0, weighed / shown - torch.stack(scores).mean(), 0)
        torch.testing.assert_close(heat, expected, rtol=1e-9, atol=1e-12)


def test_a_batch_gives_what_its_samples_give() -> None:
    net, inputs = make_tiny(2, 3).eval(), draw_inputs(2, 3, batch=3)
    target = torch.tensor([0, 1, 2])
    together = explain_rise(Question(net, inputs, target)).values
    alone = [explain_rise(Question(net, x[None], t[None])).values for x, t in zip(inputs, target, strict=True)]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-5, atol=1e-8)
    other = explain_rise(Question(net, inputs, target, seed=1)).values
    assert not torch.allclose(together, other, atol=1e-4)


class Weighing(nn.Module):
    """Scores that are sums: what each cell does to them is known."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, input: Tensor) -> Tensor:
        return (input * self.weights).flatten(1).sum(1, keepdim=True)


def test_the_map_of_a_sum_is_that_sum_smoothed_and_stable() -> None:
    weights = torch.zeros(16, 16)
    weights[4:8, 8:12] = 1
    net, one = Weighing(weights), torch.ones(1, 1, 16, 16)
    maps = torch.stack([explain_rise(Question(net, one, torch.tensor([0]), seed=seed)).values for seed in range(3)])
    for heat in maps.flatten(0, 1):
        row, column = divmod(int(heat.argmax()), 16)
        assert 4 <= row < 8
        assert 8 <= column < 12
    noise = torch.randn(16, 16, generator=torch.Generator().manual_seed(0))
    dense = [explain_rise(Question(Weighing(noise), one, torch.tensor([0]), seed=seed)).values for seed in (0, 1)]
    assert torch.corrcoef(torch.stack(dense).flatten(1))[0, 1] > 0.9


def test_progress_ends_at_the_number_of_passes() -> None:
    heard: list[tuple[int, int]] = []
    asked = Question(
        make_tiny(1).eval(), draw_inputs(1), torch.tensor([0, 1]), on_progress=lambda *told: heard.append(told)
    )
    explain_rise(asked)
    assert heard[-1][0] == heard[-1][1] == 2 * len(draw_masks([9], 0))
