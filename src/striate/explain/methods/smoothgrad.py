"""SmoothGrad: the gradient averaged over noisy copies of the input, so that its own fluctuations drop out."""

from __future__ import annotations

import torch
from torch import Tensor

from striate.explain.backward.gradients import find_gradient, take_strongest
from striate.explain.question import Answer, Question

COUNT = 50
LEVEL = 0.15
"""The noise's deviation, as a share of the range from an input's lowest to its highest number."""


def explain_smoothgrad(question: Question) -> Answer:
    """The magnitude of the mean gradient over `COUNT` noisy copies of each input, the largest over the channels.

    The noise hangs on the seed alone, so that an input gets the same in any batch.

    Shape:   values [batch, *extents].
    Cost:    `COUNT` forward and backward passes.
    Raises:  InputError where the score doesn't hang on the inputs by gradients.
    Source:  Smilkov, Thorat, Kim, Viegas, Wattenberg 2017, sections 2.3 and 3.2.
    """
    return Answer(torch.stack([_smooth(question, place) for place in range(len(question.inputs))]))


def draw_noise(inputs: Tensor, seed: int) -> Tensor:
    """Standard normal noise for one input, `COUNT` times, [COUNT, *input]: the same on any device and in any type."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(COUNT, *inputs.shape, generator=generator).to(inputs)


def _smooth(question: Question, place: int) -> Tensor:
    sample = question.inputs[place].detach()
    noisy = sample + LEVEL * (sample.amax() - sample.amin()) * draw_noise(sample, question.seed)
    total = torch.zeros_like(sample)
    for part in torch.split(noisy, question.rows):
        total += find_gradient(question, part, question.target[place].expand(len(part))).sum(0)
    if question.on_progress is not None:
        question.on_progress(place + 1, len(question.inputs))
    return take_strongest(total[None] / COUNT)[0]
