"""What a network makes of an input: probabilities of every form of scores, a number's height, and a unit's firing."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.explain.question import Question
from striate.explain.trust.blurring import blur
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


def test_labels_are_each_by_itself() -> None:
    question = Question(nn.Flatten(), SCORES[:, :, None], torch.tensor([0, 2]), meaning="labels")
    respond = choose_response(question)
    assert torch.allclose(respond(SCORES[:, :, None], 1), 1 / (1 + torch.exp(-SCORES[:, 2])))


class Numbers(nn.Module):
    """Two numbers: the sum of an input's cells by weights of their own, and its opposite, in a target's own unit."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        total = (inputs[:, 0] * torch.tensor([3.0, -1.0, 2.0, 0.5, -2.0, 1.0])).sum(1)
        return torch.stack([900 + 40 * total, 7 - total], 1)


@pytest.mark.parametrize("number", [0, 1])
def test_a_number_stands_between_the_whole_input_nothing_and_the_blur(number: int) -> None:
    inputs = torch.tensor([[[1.0, 0.5, 2.0, -1.0, 0.0, 3.0]], [[-2.0, 0.0, 1.0, 1.0, 4.0, 0.0]]])
    question = Question(Numbers(), inputs, torch.tensor([number, number]), meaning="numbers")
    respond = choose_response(question)
    asked = torch.randn(9, 1, 6, generator=torch.Generator().manual_seed(0)) * 2
    for sample in range(2):
        ends = [inputs[sample], torch.zeros(1, 6), blur(inputs[sample : sample + 1])[0]]
        known = [float(Numbers()(end[None])[0, number]) for end in ends]
        for one, found in zip(asked, respond(asked, sample).tolist(), strict=True):
            height = (float(Numbers()(one[None])[0, number]) - min(known)) / (max(known) - min(known))
            assert found == pytest.approx(min(1.0, max(0.0, height)), abs=1e-4)
        heights = respond(torch.stack(ends), sample)
        assert (float(heights.min()), float(heights.max())) == (0.0, 1.0)


def test_a_number_that_never_moves_has_no_height() -> None:
    question = Question(Numbers(), torch.zeros(1, 1, 6), torch.tensor([0]), meaning="numbers")
    assert choose_response(question)(torch.ones(2, 1, 6), 0).tolist() == [0, 0]


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
