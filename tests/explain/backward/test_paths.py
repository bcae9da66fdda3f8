from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.explain.backward import paths
from striate.explain.backward.paths import MOST_PANELS, PANELS, follow_path, weigh
from striate.explain.question import Question


class _Counted(nn.Module):
    """A function of three numbers, and how many it was asked for."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind, self.asked = kind, 0

    def forward(self, x: Tensor) -> Tensor:
        self.asked += len(x)
        a, b, c = x.flatten(1).unbind(1)
        if self.kind == "cubic":
            return (a * b * c + a**2)[:, None]
        return ((a + b - 0.3).relu() - 2 * (b - 0.17).relu() + (c * a).sin())[:, None]


def _follow(kind: str, sample: list[float], rows: int = 64) -> tuple[paths.Path, _Counted]:
    net = _Counted(kind)
    x = torch.tensor([[sample]], dtype=torch.float64)
    return follow_path(Question(net, x, torch.tensor([0]), rows=rows), 0, 1e-5), net


def test_a_cubic_is_exact_at_once() -> None:
    path, net = _follow("cubic", [1.0, 2.0, -3.0])
    parts = path.gradient.flatten() * torch.tensor([1.0, 2.0, -3.0], dtype=torch.float64)
    assert torch.allclose(parts, torch.tensor([-2.0 + 1.0, -2.0, -2.0], dtype=torch.float64), atol=1e-12)
    assert path.rise == pytest.approx(-5.0)
    assert abs(path.rest) < 1e-12
    assert net.asked == 3 * PANELS + 1


@pytest.mark.parametrize("sample", [[0.9, 0.4, 1.0], [0.2, 0.71, -2.0], [-1.0, 1.3, 3.0]])
def test_bends_are_accounted_for_and_shared_out_as_many_small_steps_would(sample: list[float]) -> None:
    path, net = _follow("bent", sample)
    assert abs(path.rest) <= 1e-5 * abs(path.rise)
    assert net.asked <= 3 * MOST_PANELS + 1
    steps = 20000
    point = torch.tensor(sample, dtype=torch.float64)
    line = ((torch.arange(steps, dtype=torch.float64)[:, None] + 0.5) / steps * point)[:, None].requires_grad_()
    (slopes,) = torch.autograd.grad(_Counted("bent")(line).sum(), line)
    by_steps = slopes.mean((0, 1)) * point
    assert float((path.gradient.flatten() * point - by_steps).abs().max()) < 1e-3


def test_rows_only_bound_what_passes_at_a_time() -> None:
    few, many = _follow("bent", [0.9, 0.4, 1.0], rows=1)[0], _follow("bent", [0.9, 0.4, 1.0], rows=500)[0]
    assert torch.allclose(few.gradient, many.gradient, atol=1e-12)


def test_what_cannot_be_accounted_for_is_told() -> None:
    class Jump(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x.sum((1, 2)) + (x.sum((1, 2)) > 1).double())[:, None]

    x = torch.full((1, 1, 4), 0.5, dtype=torch.float64)
    path = follow_path(Question(Jump(), x, torch.tensor([0])), 0, 1e-5)
    assert path.rise == pytest.approx(3.0)
    assert path.rest == pytest.approx(1.0)


def test_weights_account_for_the_rise_where_they_can() -> None:
    for first, second, rise in ((0.0, 2.0, 1.3), (5.0, -1.0, 0.0), (1.0, 2.0, 9.0), (1.0, 2.0, -9.0)):
        share = weigh(first, second, rise)
        nearest = min(max(rise, min(first, second)), max(first, second))
        assert share * first + (1 - share) * second == pytest.approx(nearest)
