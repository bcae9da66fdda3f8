from __future__ import annotations

import math

import torch
from tests.verbs.heldout.conftest import Hold

from striate.train.batches import normalise
from striate.verbs.heldout.catalogue import list_samples


def test_the_bits_are_those_that_the_network_gave_each_next_level(hold: Hold) -> None:
    held = hold("continue")
    listed = list_samples(held, count=len(held)).samples
    sample, levels = listed[0], torch.as_tensor(held.part.inputs[listed[0].number]).long()[0]
    shifted = torch.cat([torch.tensor([128]), levels[:-1]])
    with torch.no_grad():
        scores = held.run.module(normalise(shifted[None, None].to(torch.uint8), held.run.recipe))[0].log_softmax(0)
    last = int((levels != 128).nonzero().max()) + 1  # padding isn't counted
    bits = [-float(scores[level, place]) / math.log(2) for place, level in enumerate(levels.tolist()[:last])]
    assert abs(sum(bits) / len(bits) - float((sample.note or "").split()[0])) < 0.02
    assert [float((each.note or "").split()[0]) for each in listed] == sorted(
        (float((each.note or "").split()[0]) for each in listed), reverse=True
    )
