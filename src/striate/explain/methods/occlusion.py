"""Occlusion: hide a window of the input, and see how far the target's score falls.

The window is about an eighth of each extent and moves by half of itself; what it hides becomes 0, which is the data's
mean; of symbols that are looked up each is hidden alone, and 0 is the padding. The heat of a cell is the mean fall
over the windows that hide it. It is the network's own score that is followed, not its softmax: that one hardly moves
where the network is sure, and moves when another class's score does.

Source:  Zeiler and Fergus 2013, arXiv:1311.2901, sec. 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from striate.explain.covering.symbols import has_symbols
from striate.explain.covering.windows import Windows, lay_windows
from striate.explain.question import Answer, Question


def explain_occlusion(question: Question) -> Answer:
    """How far the score falls when a cell is hidden.

    Cost:    one forward for each window, about 17 along each axis; `question.rows` inputs pass at a time.
    """
    extents, symbols = question.inputs.shape[2:], has_symbols(question.module)
    size = [1 if symbols else max(1, round(extent / 8)) for extent in extents]
    return Answer(occlude(question, size, [max(1, cells // 2) for cells in size]))


def occlude(question: Question, size: Sequence[int], step: Sequence[int]) -> Tensor:
    """The mean fall of the score over the windows that hide each cell, [batch, *extents].

    Raises:  InputError for windows that don't fit the axes, or leave cells out.

    >>> net = torch.nn.Flatten()
    >>> inputs, target = torch.tensor([[[1.0, 2.0, 4.0]]]), torch.tensor([1])
    >>> occlude(Question(net, inputs, target), [1], [1])
    tensor([[0., 2., 0.]])
    """
    windows = lay_windows(question.inputs.shape[2:], size, step, question.inputs.device)
    with torch.no_grad():
        return windows.average(torch.cat([_find_falls(question, windows, row) for row in range(len(question.inputs))]))


def _find_falls(question: Question, windows: Windows, row: int) -> Tensor:
    """How far one input's score falls under each window, [1, windows].

    Batches don't run on from one input to the next: an input's falls are the same to the bit whatever stands beside it.
    """
    chosen = slice(row, row + 1)
    inputs, target = question.inputs[chosen], question.target[chosen]
    whole, scores = question.score(inputs, target), []
    done, total = row * windows.total, len(question.inputs) * windows.total
    for batch in torch.split(torch.arange(windows.total, device=inputs.device), question.rows):
        scores.append(question.score(windows.hide(inputs, batch), target.expand(len(batch))))
        done += len(batch)
        if question.on_progress is not None:
            question.on_progress(done, total)
    return (whole - torch.cat(scores)).to(inputs)[None]
