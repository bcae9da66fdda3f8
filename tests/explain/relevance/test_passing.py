"""A pass knows where it is and what it has seen, and leaves no trace in the network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.relevance import Passing


class Part(nn.Module):
    def __init__(self, act: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.act = act

    def forward(self, input: Tensor) -> Tensor:
        return self.act(input)


def pass_through(net: nn.Module, x: Tensor) -> tuple[Passing, Tensor]:
    passing = Passing()
    with passing.enter(net), passing:
        scores: Tensor = net(x)
    return passing, scores


def nest(act: Callable[[Tensor], Tensor]) -> nn.Module:
    return nn.Sequential(nn.ReLU(), nn.ModuleDict({"body": Part(act)})["body"], nn.Tanh())


def draw() -> Tensor:
    return torch.randn(2, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()


@pytest.mark.parametrize(
    ("net", "place"),
    [
        (Part(torch.log), "the network: found `log`"),
        (nest(torch.log), "layer 1: found `log`"),
        (nn.Sequential(nest(nn.Identity()), nest(torch.log)), "layer 1.1: found `log`"),
        (nn.Sequential(nest(nn.Identity()), Part(torch.log)), "layer 1: found `log`"),
    ],
)
def test_an_error_names_the_innermost_part(net: nn.Module, place: str) -> None:
    with pytest.raises(InputError, match=place):
        pass_through(net, draw())
    for part in net.modules():
        assert not part._forward_hooks
        assert not part._forward_pre_hooks


def test_after_a_part_the_pass_is_in_the_part_around_it() -> None:
    class Around(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.ReLU()

        def forward(self, input: Tensor) -> Tensor:
            return self.inner(input).cumprod(1)  # type: ignore[no-any-return]

    with pytest.raises(InputError, match="layer 1: found `cumprod`"):
        pass_through(nn.Sequential(nn.Tanh(), Around()), draw())


def test_a_pass_leaves_the_network_and_its_answer_as_they_were() -> None:
    net = nn.Sequential(nn.Linear(4, 5), nn.ReLU(True), nn.Linear(5, 3)).requires_grad_(False)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    x = draw()
    _, scores = pass_through(net, x)
    torch.testing.assert_close(scores, net(x))
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    for part in net.modules():
        assert not part._forward_hooks
        assert not part._forward_pre_hooks


BLANKS: list[Callable[[Tensor], Tensor]] = [
    lambda x: torch.maximum(x, torch.zeros_like(x)),
    lambda x: torch.where(x > 0, x, x.new_zeros(4)),
    lambda x: torch.maximum(x, x.new_tensor([0.5])),
    lambda x: x[:, x[0].argsort()],
]


@pytest.mark.parametrize("act", BLANKS)
def test_constants_in_the_shape_of_the_input_and_places_are_no_leaks(act: Callable[[Tensor], Tensor]) -> None:
    x = draw()
    _, scores = pass_through(Part(act), x)
    torch.testing.assert_close(scores, act(x))


LEAKS: list[Callable[[Tensor], Tensor]] = [
    lambda x: x.detach(),
    lambda x: x.clone().data,
    lambda x: x.sign().detach(),
    lambda x: torch.ceil(x).detach() + x,
]


@pytest.mark.parametrize("act", LEAKS)
def test_what_forgets_that_it_came_from_the_input_is_refused(act: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(InputError, match=r"found `(detach|data|sign|ceil)`"):
        pass_through(Part(act), draw())


def test_functions_of_constants_alone_need_no_rule() -> None:
    scale = torch.rand(4)
    _, scores = pass_through(Part(lambda x: x * torch.special.digamma(scale + 1)), draw())
    assert scores.requires_grad


def test_the_scores_behind_the_last_softmax_are_found_through_a_view() -> None:
    x = draw()
    passing, scores = pass_through(Part(lambda x: F.softmax(3 * x, 1).unsqueeze(2).flatten(1)), x)
    found = passing.find_logits(scores)
    assert found is not None
    torch.testing.assert_close(found, 3 * x.detach())
    passing, scores = pass_through(Part(torch.relu), x)
    assert passing.find_logits(scores) is None


@pytest.mark.parametrize(
    "act", [lambda x: 2 * x.softmax(1), lambda x: x.softmax(1).softmax(1), lambda x: x + x.log_softmax(1)]
)
def test_a_softmax_on_the_way_is_refused_with_its_layer(act: Callable[[Tensor], Tensor]) -> None:
    passing, scores = pass_through(nn.Sequential(nn.Identity(), Part(act)), draw())
    with pytest.raises(InputError, match=r"layer 1: found `softmax`: it isn't the network's end"):
        passing.find_logits(scores)


def test_outside_the_with_nothing_is_refused() -> None:
    x = draw()
    with Passing():
        y = torch.relu(x)
    assert torch.log(y + 1).requires_grad
    with pytest.raises(InputError, match="log"), Passing():
        torch.log(y + 1)
