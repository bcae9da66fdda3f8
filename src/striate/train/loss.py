"""The loss of a classifier: cross-entropy with label smoothing, the side heads of a network counted in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from striate.train.heads import add_sides, split_rows


def compute_loss(
    outputs: Any,
    labels: Tensor,
    smoothing: float = 0.0,
    side_weights: Sequence[float] = (),
    class_weights: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The loss to be lowered, and how many samples the main head got right; both on the outputs' device.

    Labels are class numbers, or a row of shares of the first classes each (of samples that were mixed): then right is
    the class with the greatest share. A side head without a weight of its own counts 0.3. With `class_weights` each
    sample's loss counts by its class; the mean is still over the samples, so that the parts of a batch add up.

    Source: label smoothing is Szegedy et al. 2015, arXiv:1512.00567, section 7.

    >>> import torch
    >>> loss, correct = compute_loss(torch.tensor([[0.0, 0.0], [0.0, 9.0]]), torch.tensor([0, 1]))
    >>> round(float(loss), 4), int(correct)
    (0.3466, 2)
    """
    main, sides = split_rows(outputs, "a classifier", "class score")
    if labels.ndim == 2:
        labels = F.pad(labels, (0, main.shape[1] - labels.shape[1]))
    loss = add_sides([_average_loss(head, labels, smoothing, class_weights) for head in (main, *sides)], side_weights)
    numbers = labels.argmax(1) if labels.ndim == 2 else labels
    return loss, (main.detach().argmax(1) == numbers).sum()


def _average_loss(scores: Tensor, labels: Tensor, smoothing: float, class_weights: Tensor | None) -> Tensor:
    if class_weights is None:
        return F.cross_entropy(scores.float(), labels, label_smoothing=smoothing)
    losses = F.cross_entropy(scores.float(), labels, label_smoothing=smoothing, reduction="none")
    counted = class_weights[labels] if labels.ndim == 1 else labels[:, : len(class_weights)] @ class_weights
    return (losses * counted).mean()
