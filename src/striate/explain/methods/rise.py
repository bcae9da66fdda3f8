"""RISE: show the network the input under random masks, and see which cells were shown when the score was high.

A cell's heat is the mean score over the masks, each counted as far as it shows the cell, less the mean score over all
masks: above 0 where showing the cell raises the score. The masks are those of the seed, the same for every input. The
paper divides by how much a mask shows on average; here it is how much these masks showed of the cell, which
takes away the noise of that number.

Source:  Petsiuk, Das, Saenko 2018, arXiv:1806.07421, equation 6; taking the mean score away is ours.
"""

from __future__ import annotations

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.covering.masks import Masks, draw_masks
from striate.explain.covering.symbols import has_symbols
from striate.explain.question import Answer, Question


def explain_rise(question: Question) -> Answer:
    """How much higher the score is when a cell is shown, over about two thousand random masks.

    Cost:    one forward for each mask and input; `question.rows` inputs pass at a time.
    Raises:  InputError for soft masks over symbols, which have no half.
    """
    inputs = question.inputs
    masks = draw_masks(inputs.shape[2:], question.seed, device=inputs.device)
    if max(masks.pitch) > 1 and has_symbols(question.module):
        found = f"rise: its masks are soft over {inputs.shape[2]} cells, and this network looks symbols up by number"
        raise InputError(f"{found}, needed whole ones. Take occlusion")
    return Answer(weigh_masks(question, masks))


def weigh_masks(question: Question, masks: Masks) -> Tensor:
    """The mean score of each cell over the masks that show it, less that over all masks, [batch, *extents]."""
    inputs, count = question.inputs, len(question.inputs)
    exact = torch.float64 if inputs.device.type != "mps" else torch.float32
    shown = torch.zeros(inputs.shape[2:], dtype=exact, device=inputs.device)
    weighed = torch.zeros(count, *inputs.shape[2:], dtype=exact, device=inputs.device)
    summed = torch.zeros(count, dtype=exact, device=inputs.device)
    with torch.no_grad():
        for numbers in torch.split(torch.arange(len(masks), device=inputs.device), question.rows):
            part = masks.make(numbers, inputs.dtype)
            flat = part.flatten(1).to(exact)
            scores = _score_masked(question, part, int(numbers[0]) * count, len(masks) * count).to(exact)
            weighed += (scores @ flat).reshape_as(weighed)
            summed += scores.sum(1)
            shown += part.sum(0, dtype=exact)
    mean = (summed / len(masks)).reshape(-1, *[1] * shown.ndim)
    return torch.where(shown > 0, weighed / shown - mean, 0).to(inputs.dtype)


def _score_masked(question: Question, masks: Tensor, done: int, total: int) -> Tensor:
    """Each input's score under each mask, [batch, masks]."""
    rows = []
    for sample, target in zip(question.inputs, question.target, strict=True):
        rows.append(question.score(sample * masks.unsqueeze(1), target.expand(len(masks))))
        done += len(masks)
        if question.on_progress is not None:
            question.on_progress(done, total)
    return torch.stack(rows).to(masks.device)
