"""CAM: the class's own weights of a layer's maps, for networks that average those maps and add one linear layer.

There each score is the mean of its class's map, plus a bias: the map is the score, spread over the places.
"""

from __future__ import annotations

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.head import Head, answer_by, differentiate, run_head, spread
from striate.explain.hooks import put_out
from striate.explain.question import Answer, Question, pick, scores_of

TOLERANCE = 1e-3
"""How far a linear head may be from one by rounding, relative to what it adds up."""


def explain_cam(question: Question) -> Answer:
    """Sum a layer's maps with the weights that the class has for their means.

    Whether all that follows the layer is a mean and a linear layer (as such, flattened, or as a convolution of size 1)
    isn't read off its classes but tried: the head is given other maps, drawn at random, and must answer as that would.

    Shape:   values [batch, *extents].
    Cost:    two passes, and the gradient of what comes after the layer.
    Raises:  InputError for any other network.
    Source:  Zhou et al. 2016, arXiv:1512.04150, eq. 1 and 2.
    """
    head = run_head(question)
    gradient, maps = differentiate(head), head.maps.detach()
    weights = gradient.flatten(2).sum(2)
    _check_linear(question, head, weights, gradient)
    cells = (spread(weights, maps) * maps).sum(1)
    return answer_by(question, head, cells)


def _check_linear(question: Question, head: Head, weights: Tensor, gradient: Tensor) -> None:
    """Raise an InputError unless the head takes the mean of each map, and is linear from there on."""
    maps = head.maps.detach()
    cells = maps[0, 0].numel()
    drawn = _draw_like(maps)
    with torch.no_grad(), put_out(question.module, head.layer, drawn):
        found = pick(scores_of(question.module, question.inputs), head.target)
    change = (drawn - maps).flatten(2)
    expected = pick(head.scores.detach(), head.target) + (weights * change.mean(2)).sum(1)
    size = (weights.abs() * change.abs().mean(2)).sum(1) + found.abs()
    uneven = (gradient - spread(weights, maps) / cells).flatten(1).abs().amax(1) * cells
    if bool(((found - expected).abs() > TOLERANCE * size).any() or (uneven > TOLERANCE * weights.abs().amax(1)).any()):
        raise InputError(
            f"cam: what follows layer {head.layer} isn't a mean over all places and one linear layer, needed that."
            " Take gradcam, which holds for any network"
        )


def _draw_like(maps: Tensor) -> Tensor:
    """Maps by chance, below and above 0, of the size of these; the same for every input."""
    generator = torch.Generator().manual_seed(0)
    scale = 1 + 3 * maps.abs().amax()
    return torch.randn(maps.shape[1:], generator=generator).to(maps).expand_as(maps) * scale
