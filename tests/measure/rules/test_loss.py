"""Losses against the gradient's support, reduced and not; by twins where the labels choose what has a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tests.measure.rules.support import check_known, check_reach, find_kinds
from torch import Tensor, nn

ATEN: Any = torch.ops.aten
Loss = Callable[..., Tensor]
CELLS: list[Loss] = [
    F.mse_loss,
    F.l1_loss,
    F.huber_loss,
    F.smooth_l1_loss,
    F.binary_cross_entropy_with_logits,
    F.poisson_nll_loss,
]


@pytest.mark.parametrize("loss", CELLS)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_cell_by_cell(loss: Loss, reduction: str) -> None:
    def total(x: Tensor, y: Tensor) -> Tensor:
        cells = x * x + y * y
        return cells if reduction == "none" else cells.sum()

    check_reach(lambda x, y: loss(x, y, reduction=reduction), (2, 3, 2), (2, 3, 2), twin=total)


@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_cell_by_cell_where_the_target_takes_no_gradient(reduction: str) -> None:
    def total(x: Tensor, *others: Tensor) -> Tensor:
        cells = sum(others, x)
        return cells if reduction == "none" else cells.sum()

    check_reach(lambda x, y: F.soft_margin_loss(x, y, reduction=reduction), (2, 3), (2, 3), twin=total)
    check_reach(
        lambda x, y, w: F.binary_cross_entropy_with_logits(x, y, pos_weight=w, reduction=reduction),
        (2, 3),
        (2, 3),
        (3,),
        twin=total,
    )
    check_reach(
        lambda x, y, w: F.binary_cross_entropy(x.sigmoid(), y.sigmoid(), w, reduction=reduction),
        (2, 3),
        (2, 3),
        (2, 3),
        twin=total,
    )


@pytest.mark.parametrize("reduction", ["none", "mean"])
@pytest.mark.parametrize("extents", [(), (2,), (2, 3)])
def test_classes(reduction: str, extents: tuple[int, ...]) -> None:
    def loss(x: Tensor, y: Tensor, w: Tensor) -> Tensor:
        return F.nll_loss(x, y.long(), w, reduction=reduction)

    def twin(x: Tensor, y: Tensor, w: Tensor) -> Tensor:
        cells = x.sum(1) + y + w.sum()
        return cells if reduction == "none" else cells.sum()

    check_reach(loss, (2, 4, *extents), (2, *extents), (4,), twin=twin)


def test_classes_of_one_sample() -> None:
    check_reach(lambda x, y: F.nll_loss(x, y.long(), reduction="none"), (4,), (), twin=lambda x, y: x.sum() + y)


@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_margins(reduction: str) -> None:
    def reduce(cells: Tensor) -> Tensor:
        return cells if reduction == "none" else cells.sum()

    check_reach(
        lambda x, y: F.multi_margin_loss(x, y.long(), reduction=reduction),
        (3, 4),
        (3,),
        twin=lambda x, y: reduce(x.sum(1) + y),
    )
    check_reach(
        lambda x, y: F.multilabel_margin_loss(x, y.long(), reduction=reduction),
        (3, 4),
        (3, 4),
        twin=lambda x, y: reduce(x.sum(1) + y.sum(1)),
    )


def test_the_sum_of_weights_and_the_labels_set_read_no_score() -> None:
    check_reach(
        lambda x, y, w: ATEN.nll_loss_forward(x, y.long(), w, 1, -100)[1],
        (3, 4),
        (3,),
        (4,),
        twin=lambda x, y, w: y.sum() + w.sum(),
    )
    check_reach(
        lambda x, y: ATEN.multilabel_margin_loss_forward(x, y.long(), 1)[1],
        (3, 4),
        (3, 4),
        twin=lambda x, y: y.sum(1, keepdim=True).expand(3, 4),
    )


def test_cross_entropy_reads_the_sample() -> None:
    check_reach(
        lambda x, y: F.cross_entropy(x, y.long(), reduction="none"), (2, 4, 3), (2, 3), twin=lambda x, y: x.sum(1) + y
    )


def test_words() -> None:
    assert find_kinds(F.mse_loss, (3,), (3,)) == ["loss"]


@pytest.mark.parametrize(
    "loss", [*CELLS, F.hinge_embedding_loss, F.multilabel_soft_margin_loss, nn.KLDivLoss(reduction="batchmean")]
)
def test_all_are_known_forward_and_backward(loss: Loss) -> None:
    check_known(loss, (3,), (3,))


def test_losses_of_labels_are_known_forward_and_backward() -> None:
    def label(y: Tensor) -> Tensor:
        return y[:, 0].long()

    for loss in (F.cross_entropy, F.multi_margin_loss):
        check_known(lambda x, y, loss=loss: loss(x, label(y)), (4,), (4,))
    check_known(lambda x, y: F.cross_entropy(x, label(y), label_smoothing=0.1), (4, 3), (4, 3))
    check_known(lambda x, y: F.multilabel_margin_loss(x, y.long()), (4,), (4,))
    check_known(lambda x, y: F.binary_cross_entropy(x.sigmoid(), y.sigmoid()), (4,), (4,))
    check_known(lambda x, y: F.triplet_margin_loss(x, y, x + y), (4,), (4,))
    check_known(lambda x, y: F.cosine_embedding_loss(x, y, label(x)), (4,), (4,))
    check_known(lambda x: F.soft_margin_loss(x, torch.ones_like(x)), (4,))
