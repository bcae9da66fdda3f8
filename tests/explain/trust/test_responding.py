"""What a network makes of an input: probabilities of every form of scores, and a unit's firing."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.explain.question import Question
from striate.explain.trust.responding import choose_response, normalise_scores

SCORES = torch.tensor([[2.0, -1.0, 0.5], [-3.0, 0.0, 4.0]])


def test_scores_log_probabilities_and_probabilities_are_all_one() -> None:
    expected = SCORES.exp() / SCORES.exp().sum(1, keepdim=True)
    for form in (SCORES, SCORES.log_softmax(1), SCORES.softmax(1)):
        assert torch.allclose(normalise_scores(form), expected, atol=1e-6)


def test_a_lone_score_has_the_sigmoid() -> None:
    assert normalise_scores(torch.tensor([[0.0], [100.0]])).tolist() == [[0.5], [1.0]]


def test_each_sample_has_its_own_target() -> None:
    question = Question(nn.Flatten(), SCORES[:, :, None], torch.tensor([0, 2]))
    respond = choose_response(question)
    assert torch.equal(respond(SCORES[:, :, None], 0), SCORES.softmax(1)[:, 0])
    assert torch.equal(respond(SCORES[:, :, None], 1), SCORES.softmax(1)[:, 2])


def test_a_unit_fires_as_a_share_of_its_peak() -> None:
    module = nn.Sequential(nn.Identity(), nn.Flatten())
    inputs = torch.tensor([[[1.0, 4.0], [3.0, 2.0]], [[1.0, 1.0], [-2.0, -1.0]]])
    respond = choose_response(Question(module, inputs, torch.tensor([0, 0]), layer="0", unit=1))
    asked = torch.tensor([[[0.0, 0.0], [1.5, 0.0]], [[0.0, 0.0], [9.0, 0.0]], [[0.0, 0.0], [-1.0, -1.0]]])
    assert respond(asked, 0).tolist() == [0.5, 1.0, 0.0]
    assert respond(asked, 1).tolist() == [0, 0, 0]  # one that doesn't fire has nothing to lose


@pytest.mark.parametrize(("layer", "unit", "line"), [(None, 0, "needed the unit's"), ("0", 2, "found 2, but 0 has 2")])
def test_a_unit_needs_a_place(layer: str | None, unit: int, line: str) -> None:
    module = nn.Sequential(nn.Identity(), nn.Flatten())
    question = Question(module, torch.randn(1, 2, 4), torch.tensor([0]), layer=layer, unit=unit)
    with pytest.raises(InputError, match=line):
        choose_response(question)
