"""What is asked, and what a network may answer."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.explain.question import HIGHEST, Question, choose_targets, read_targets, scores_of, settle_targets


class Says(nn.Module):
    """Answers with whatever it was given to say."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, inputs: Tensor) -> Any:
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [torch.ones(2, 3), (torch.ones(2, 3), torch.ones(2, 5)), [torch.ones(2, 3)], torch.ones(2, 3, 1, 1)],
    ids=["plain", "with a side head", "in a list", "with extents of 1"],
)
def test_the_main_answer_is_taken(answer: Any) -> None:
    assert scores_of(Says(answer), torch.zeros(2, 1, 4)).tolist() == torch.ones(2, 3).tolist()


def test_a_lone_number_is_one_class() -> None:
    assert scores_of(Says(torch.tensor([1.0, 2.0])), torch.zeros(2, 1, 4)).tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize(
    "answer", ["words", (), torch.ones(3, 3), torch.ones(2, 3, 5), torch.tensor(1.0), torch.ones(2, 0)]
)
def test_another_answer_is_refused(answer: Any) -> None:
    with pytest.raises(ShapeError, match="the network: found an answer of"):
        scores_of(Says(answer), torch.zeros(2, 1, 4))


def test_scores_of_every_cell_are_averaged() -> None:
    answer = torch.arange(24.0).reshape(2, 3, 4)
    wanted = [[float(sum(cells)) / 4 for cells in sample] for sample in answer.tolist()]
    assert scores_of(Says(answer), torch.zeros(2, 1, 4)).tolist() == wanted


def test_a_network_that_works_in_place_leaves_the_inputs() -> None:
    inputs = torch.tensor([[[-1.0, 2.0]]])
    assert scores_of(nn.Sequential(nn.ReLU(inplace=True), nn.Flatten()), inputs).tolist() == [[0, 2]]
    assert inputs.tolist() == [[[-1.0, 2.0]]]


def test_a_question_scores_its_targets() -> None:
    question = Question(nn.Flatten(), torch.tensor([[[1.0, 5.0]], [[3.0, 4.0]]]), torch.tensor([1, 0]))
    assert question.score(question.inputs).tolist() == [5, 3]
    assert question.score(question.inputs, torch.tensor([0, 0])).tolist() == [1, 3]


def test_targets_are_read_and_settled() -> None:
    scores = torch.tensor([[0.0, 2.0, 1.0], [3.0, 0.0, 0.0]])
    assert choose_targets(scores, None).tolist() == [1, 0]
    assert choose_targets(scores, 2).tolist() == [2, 2]
    assert choose_targets(scores, torch.tensor([0, 1])).tolist() == [0, 1]
    assert settle_targets(scores, torch.tensor([2, HIGHEST])).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("target", "found"), [(0.5, "float"), (True, "bool"), ([0, 1, 0], "3 for 2 inputs"), (-2, "-2")]
)
def test_what_is_no_target_is_refused(target: Any, found: str) -> None:
    with pytest.raises(InputError, match=f"target: found .*{found}"):
        read_targets(target, 2)


def test_a_class_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="target: found 3, needed a class from 0 to 2"):
        choose_targets(torch.zeros(2, 3), [0, 3])


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="input 1: the network's scores aren't finite"):
        choose_targets(torch.tensor([[1.0], [float("nan")]]), None)
