"""Judging maps: the batch is its samples, nothing of the network changes, and impostors are found out."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from striate.explain.heat import Heat
from striate.explain.question import Answer, Question
from striate.explain.trust import Trust, judge_heat
from striate.explain.trust.controls import find_edges
from striate.explain.trust.judging import Compute
from striate.explain.trust.randomising import plan_stages, randomise_down


class Net(nn.Module):
    """Two convolutions with a norm, by function, for any number of axes."""

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        conv, norm = ((nn.Conv1d, nn.BatchNorm1d), (nn.Conv2d, nn.BatchNorm2d), (nn.Conv3d, nn.BatchNorm3d))[axes - 1]
        self.first, self.norm, self.second = conv(channels, 4, 3, padding=1), norm(4), conv(4, 6, 3, padding=1)
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu_(self.norm(self.first(x)))
        return self.head(F.relu(self.second(x)).flatten(2).mean(2))  # type: ignore[no-any-return]


def explain_by_product(question: Question) -> Answer:
    inputs = question.inputs.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(question.score(inputs).sum(), inputs)
    return Answer((gradient * inputs).detach().sum(1))


def explain_by_edges(question: Question) -> Answer:
    return Answer(find_edges(question.inputs))


def explain_by_nothing(question: Question) -> Answer:
    return Answer(torch.zeros(question.inputs[:, 0].shape))


def ask(channels: int = 1, extents: tuple[int, ...] = (9, 9), batch: int = 3) -> Question:
    torch.manual_seed(0)
    module = Net(channels, len(extents)).double().eval()
    inputs = torch.randn(batch, channels, *extents, dtype=torch.float64)
    return Question(module, inputs, torch.arange(batch) % 3, seed=3)


def judge(question: Question, compute: Compute) -> Trust:
    return judge_heat(question, Heat(compute(question).values, "posing", ()), compute)


@pytest.mark.parametrize("extents", [(12,), (9, 9), (4, 5, 6)])
@pytest.mark.parametrize("channels", [1, 3, 7])
def test_the_batch_is_its_samples(channels: int, extents: tuple[int, ...]) -> None:
    question = ask(channels, extents)
    whole = judge(question, explain_by_product)
    for at in range(3):
        part = slice(at, at + 1)
        alone = Question(question.module, question.inputs[part], question.target[part], seed=3, rows=4)
        lone = judge(alone, explain_by_product)
        for areas, one in ((whole.deletion, lone.deletion), (whole.insertion, lone.insertion)):
            assert [*one.found, *one.random, *one.edges] == pytest.approx(
                [areas.found[at], areas.random[at], areas.edges[at]], abs=1e-6
            )
        for stage, other in zip(whole.stages, lone.stages, strict=True):
            assert stage.layers == other.layers
            assert [stage.absolute[at], stage.drawn[at]] == pytest.approx([*other.absolute, *other.drawn], abs=1e-6)
        assert whole.maps[at] == lone.overall


def test_stages_compare_with_the_maps_of_randomised_copies() -> None:
    question = ask()
    trust = judge(question, explain_by_product)
    plan = plan_stages(question.module, question.inputs)
    copies = randomise_down(question.module, plan, 3)
    before = explain_by_product(question).values.flatten(1)
    for stage, layers, copied in zip(trust.stages, plan, copies, strict=True):
        after = explain_by_product(Question(copied, question.inputs, question.target)).values.flatten(1)
        places = [values.argsort(dim=1).argsort(dim=1).double() for values in (before, after)]  # no ties here
        expected = [float(torch.corrcoef(torch.stack([*pair]))[0, 1]) for pair in zip(*places, strict=True)]
        assert stage.layers == layers
        assert stage.drawn == pytest.approx(expected)


def test_the_seed_decides_and_nothing_else() -> None:
    question = ask()
    first = judge(question, explain_by_product)
    torch.manual_seed(99)
    assert judge(question, explain_by_product) == first
    other = judge(Question(question.module, question.inputs, question.target, seed=4), explain_by_product)
    assert other.deletion.found == first.deletion.found
    assert other.deletion.random != first.deletion.random
    assert other.stages != first.stages


@pytest.mark.parametrize("training", [True, False])
def test_no_trace_is_left(training: bool) -> None:
    question = ask()
    module = question.module.train(training)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state, inputs = torch.get_rng_state(), question.inputs.clone()
    judge_heat(question, Heat(torch.randn(3, 9, 9, generator=torch.Generator()), "drawn", ()), explain_by_product)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(part.training == training and not part._forward_hooks for part in module.modules())
    assert all(parameter.grad is None for parameter in module.parameters())
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(question.inputs, inputs)


@pytest.mark.parametrize("extents", [(12,), (9, 9), (4, 5, 6)])
def test_an_edge_filter_posing_as_a_method_is_found_out(extents: tuple[int, ...]) -> None:
    trust = judge(ask(2, extents, batch=6), explain_by_edges)
    assert not trust.trustworthy
    assert any("hardly changes when the weights are randomised (rank correlation 1.00)" in line for line in trust.words)
    assert trust.deletion.found == trust.deletion.edges


def test_a_map_of_nothing_is_as_good_as_chance_and_said_to_be_nothing() -> None:
    trust = judge(ask(), explain_by_nothing)
    assert trust.deletion.found == trust.deletion.random
    assert trust.insertion.found == trust.insertion.random
    assert not trust.trustworthy
    assert trust.words[0] == "the same everywhere: shows nothing"
    assert all(not verdict.trustworthy for verdict in trust.maps)


def test_progress_is_told_in_one_count() -> None:
    heard: list[tuple[int, int]] = []
    question = ask()
    told = Question(
        question.module, question.inputs, question.target, on_progress=lambda done, total: heard.append((done, total))
    )
    judge(told, explain_by_product)
    assert [done for done, _ in heard] == [*range(1, len(heard) + 1)]
    assert len({total for _, total in heard}) == 1
    assert heard[-1][0] == heard[-1][1]


def test_a_unit_is_judged_by_its_firing() -> None:
    question = ask()
    about = Question(question.module, question.inputs, question.target, layer="second", unit=2)
    heat = torch.rand(3, 9, 9)
    trust = judge_heat(about, Heat(heat, "drawn", ()), explain_by_product)
    assert all(0 <= value <= 1 for areas in (trust.deletion, trust.insertion) for value in areas.found)
    assert [stage.layers for stage in trust.stages] == [("second",), ("first", "norm")]
    assert trust.deletion != judge_heat(question, Heat(heat, "drawn", ()), explain_by_product).deletion
