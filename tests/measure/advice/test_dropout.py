from __future__ import annotations

import pytest
import torch
from tests.measure.advice.support import find, find_in, read_numbers
from torch import nn

from striate.measure.advice.dropout import find_dropouts_before_norm
from striate.measure.measurement import measure


@pytest.mark.parametrize(("word", "p"), [("dropout", 0.5), ("dropout p=0.25", 0.25), ("dropout p=0.1", 0.1)])
def test_the_variance_in_training(word: str, p: float) -> None:
    """Measured on values of mean 0: what reaches the norm in training varies more than in eval mode, by that factor."""
    (finding,) = find("dropout-before-bn", f"conv3-8, {word}, bn")
    values = torch.randn(400_000, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    ratio = nn.Dropout(p)(values).var() / values.var()
    assert read_numbers(finding.figure) == [p, pytest.approx(float(ratio), rel=0.02)]
    shifted = nn.Dropout(p)(values + 1).var() / values.var()
    assert shifted > ratio


@pytest.mark.parametrize(
    "text",
    ["conv3-8, bn, dropout", "dropout, conv3-8, bn", "dropout, relu, bn", "dropout, add[bn | ]", "dropout p=0, bn"],
)
def test_dropout_elsewhere(text: str) -> None:
    assert not find("dropout-before-bn", text)


def test_whole_channels_dropped_count_too() -> None:
    assert find_in("dropout-before-bn", nn.Sequential(nn.Dropout2d(0.3), nn.BatchNorm2d(3)))


def test_eval_mode_drops_nothing() -> None:
    module = nn.Sequential(nn.Dropout(), nn.BatchNorm2d(3)).eval()
    assert not [*find_dropouts_before_norm(measure(module, (3, 8, 8), 2))]


def test_the_dropout_moves_only_where_it_does_not_meet_another_norm() -> None:
    assert [finding.fix != () for finding in find("dropout-before-bn", "dropout, bn, relu")] == [True]
    assert [finding.fix != () for finding in find("dropout-before-bn", "dropout, bn, bn")] == [False]
