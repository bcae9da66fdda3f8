"""Where the truth was planted: the best methods point there and are trusted; an impostor and guided backprop are not.

Which three are the best of each kind was read off `benchmarks/explain_trust.py`.
"""

from __future__ import annotations

import pytest
import torch
from tests.explain.planted import KINDS, Trained, find_mass, find_pointing, train_planted

from striate.explain import explain_module
from striate.explain.heat import Heat
from striate.explain.question import Answer, Question
from striate.explain.trust import Trust, judge_heat
from striate.explain.trust.controls import find_edges

BEST = [
    (kind, method)
    for kind, methods in {
        "pictures": ("integratedgradients", "inputxgradient", "lrp"),
        "sounds": ("integratedgradients", "inputxgradient", "lrp"),
        "clips": ("integratedgradients", "inputxgradient", "lrp"),
    }.items()
    for method in methods
]


@pytest.fixture(scope="session", params=KINDS)
def trained(request: pytest.FixtureRequest) -> Trained:
    return train_planted(request.param)


def judge(trained: Trained, method: str, count: int) -> Trust:
    trust = explain_module(trained.module, trained.held.inputs[:count], method, trust=True).trust
    assert trust is not None
    return trust


def test_the_networks_are_right(trained: Trained) -> None:
    assert trained.accuracy > 0.95


def test_what_is_planted_is_all_that_tells_the_classes_apart(trained: Trained) -> None:
    inputs = trained.held.inputs.masked_fill(trained.held.where[:, None], 0)
    with torch.no_grad():
        right = trained.module(inputs).argmax(1) == trained.held.labels
    assert float(right.float().mean()) < 0.5
    assert 0.02 < float(trained.held.where.float().mean()) < 0.2


@pytest.mark.parametrize(("kind", "method"), BEST)
def test_the_best_methods_peak_where_it_was_planted(kind: str, method: str) -> None:
    trained = train_planted(kind)
    count = 12 if kind == "clips" else 24
    values = explain_module(trained.module, trained.held.inputs[:count], method).values
    where = trained.held.where[:count]
    assert find_pointing(values, where) >= 0.9
    assert find_mass(values, where) > 3 * float(where.float().mean())


@pytest.mark.parametrize(("kind", "method"), BEST)
def test_the_best_methods_are_trusted(kind: str, method: str) -> None:
    count = 6 if method == "integratedgradients" else 16  # which takes many passes
    trust = judge(train_planted(kind), method, count)
    assert trust.trustworthy, trust.lines()


def test_an_edge_filter_posing_as_a_method_is_not_trusted(trained: Trained) -> None:
    inputs = trained.held.inputs[:8]
    question = Question(trained.module, inputs, trained.held.labels[:8])
    heat = Heat(find_edges(inputs), "posing", ())
    trust = judge_heat(question, heat, lambda asked: Answer(find_edges(asked.inputs)))
    assert not trust.trustworthy
    assert not any(verdict.trustworthy for verdict in trust.maps)
    assert any("hardly changes when the weights are randomised (rank correlation 1.00)" in line for line in trust.words)


def test_guided_backpropagation_is_flagged(trained: Trained) -> None:
    trust = judge(trained, "guided", 8)
    assert not trust.trustworthy
    assert any("changes little when the weights are randomised" in line for line in trust.words)
    assert judge(trained, "saliency", 8).trustworthy  # the gradient that it changes


def test_pointing_and_mass_are_what_they_say() -> None:
    values = torch.tensor([[[0.0, 3.0], [-5.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])
    where = torch.tensor([[[False, True], [False, False]], [[False, False], [False, True]]])
    assert find_pointing(values, where) == 0.5
    assert find_mass(values, where) == pytest.approx((3 / 8 + 1 / 2) / 2)
