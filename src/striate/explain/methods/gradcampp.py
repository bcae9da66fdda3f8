"""Grad-CAM++: as Grad-CAM, with gradients weighed so that each of several things in a picture counts in full."""

from __future__ import annotations

import torch
from torch import Tensor

from striate.explain.head import answer_by, differentiate, run_head, spread
from striate.explain.question import Answer, Question


def explain_gradcampp(question: Question) -> Answer:
    """Weigh each map by a weighted sum of the score's gradients above 0 over it, sum, and keep what is above 0.

    The paper differentiates exp(score), so that higher derivatives are powers of the gradient; the factor exp(score)
    that all weights of an input then share is left out.

    Shape:   values [batch, *extents].
    Cost:    one pass, and the gradient of what comes after the layer.
    Raises:  InputError for a layer that can't be read.
    Source:  Chattopadhay et al. 2018, arXiv:1710.11063, eq. 11, 18 and 19.
    """
    head = run_head(question)
    gradient, maps = differentiate(head), head.maps.detach()
    weights = (weigh_cells(gradient, maps) * gradient.clamp(min=0)).flatten(2).sum(2)
    cells = (spread(weights, maps) * maps).sum(1).clamp(min=0)
    return answer_by(question, head, cells)


def weigh_cells(gradient: Tensor, maps: Tensor) -> Tensor:
    """The weight of each cell's gradient: g^2 / (2 g^2 + g^3 times the sum of its map); 0 where the gradient is.

    Divided by g^2 it is 1 / (2 + g times the sum), which doesn't run out of small numbers.
    """
    below = 2 + gradient * spread(maps.flatten(2).sum(2), maps)
    return torch.where((gradient != 0) & (below != 0), 1 / below, torch.zeros_like(below))
