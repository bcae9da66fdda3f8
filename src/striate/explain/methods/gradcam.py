"""Grad-CAM: a layer's maps, each weighed by how much the score gains from it on average."""

from __future__ import annotations

import torch

from striate.explain.head import answer_by, average_gradient, run_head
from striate.explain.question import Answer, Question


def explain_gradcam(question: Question) -> Answer:
    """Weigh each map by the mean of the score's gradient over it, sum, and keep what is above 0.

    Shape:   values [batch, *extents].
    Cost:    one pass, and the gradient of what comes after the layer.
    Raises:  InputError for a layer that can't be read.
    Source:  Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2.
    """
    head = run_head(question)
    weights, maps = average_gradient(head), head.maps.detach()
    cells = torch.bmm(weights[:, None], maps.flatten(2)).clamp(min=0)
    return answer_by(question, head, cells.reshape(len(maps), *maps.shape[2:]))
