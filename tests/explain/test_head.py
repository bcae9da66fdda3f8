"""One pass that gives a layer's maps and the gradient of the head alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.explain.test_layers import Sequence
from tests.explain.tiny import CLASSES, draw_inputs, make_body, make_tiny
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.head import differentiate, run_head
from striate.explain.question import HIGHEST, Question


def ask(module: nn.Module, inputs: Tensor, layer: str | None = None, target: int = HIGHEST) -> Question:
    return Question(module.eval(), inputs, torch.full((len(inputs),), target), layer)


def count_passes(module: nn.Module) -> list[int]:
    passes: list[int] = []
    module.register_forward_pre_hook(lambda *_: passes.append(1))
    return passes


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_maps_and_gradient_are_those_of_a_plain_backward_pass(axes: int) -> None:
    net, inputs = make_tiny(axes).eval(), draw_inputs(axes, batch=3)
    head = run_head(ask(net, inputs))
    maps = net[:5](inputs).detach().requires_grad_()
    scores = net[5:](maps)
    scores.amax(1).sum().backward()
    assert head.layer == "4"
    torch.testing.assert_close(head.maps, maps)
    torch.testing.assert_close(head.scores, scores)
    torch.testing.assert_close(differentiate(head), maps.grad)
    assert head.target.tolist() == scores.argmax(1).tolist()


def test_it_takes_one_pass_where_the_guess_is_right_or_the_layer_named() -> None:
    net = make_tiny(2)
    passes = count_passes(net)
    run_head(ask(net, draw_inputs(2)))
    run_head(ask(net, draw_inputs(2), "2"))
    assert len(passes) == 2


def test_it_takes_a_second_pass_where_the_guess_was_wrong() -> None:
    class Late(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.body = nn.ReLU(), make_body(2, 1)
            self.linear = nn.Linear(6, 2)

        def forward(self, inputs: Tensor) -> Tensor:
            return self.linear(self.last(self.body(inputs)).mean((2, 3)))  # type: ignore[no-any-return]

    net = Late()
    passes = count_passes(net)
    assert run_head(ask(net, draw_inputs(2))).layer == "last"
    assert len(passes) == 2


def test_below_the_layer_nothing_is_kept_for_gradients_and_no_parameter_gets_one() -> None:
    net = make_tiny(2)
    kept: list[bool] = []

    def refuse(gradient: Tensor) -> None:
        raise AssertionError("a parameter's gradient was worked out")

    for parameter in net.parameters():
        parameter.register_hook(refuse)  # type: ignore[no-untyped-call]
    for place in range(4):
        net[place].register_forward_hook(lambda part, args, output: kept.append(output.requires_grad))
    differentiate(run_head(ask(net, draw_inputs(2))))
    assert kept == [False] * 4
    assert all(parameter.grad is None for parameter in net.parameters())
    assert torch.is_grad_enabled()


def test_a_layer_followed_by_one_in_place_keeps_its_maps() -> None:
    net = make_tiny(2)
    net[4] = nn.ReLU(inplace=True)
    inputs = draw_inputs(2)
    head = run_head(ask(net, inputs, "3"))
    differentiate(head)
    torch.testing.assert_close(head.maps.detach(), net[:4](inputs).detach())


def test_a_module_that_is_used_twice_is_read_at_its_last_call() -> None:
    net = make_tiny(2)
    net[2] = net[4]
    inputs = draw_inputs(2)
    head = run_head(ask(net, inputs))
    assert head.layer == "2"
    assert head.notes == ("2 is called 2 times in a pass; it was read at the last",)
    torch.testing.assert_close(head.maps.detach(), net[:5](inputs).detach())
    torch.testing.assert_close(head.maps.detach(), run_head(ask(net, inputs, "4")).maps.detach())


class Pair(nn.Module):
    """Puts out a tuple, of which the first counts; the network also looks past the layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.split, self.linear = nn.Conv1d(1, 3, 3, padding=1), Split(), nn.Linear(3, 2)

    def forward(self, inputs: Tensor) -> Any:
        first, second = self.split(self.conv(inputs))
        return self.linear(first.mean(2)) + second.mean()


class Split(nn.Module):
    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        return inputs.relu(), inputs


def test_of_a_tuple_the_first_tensor_is_read() -> None:
    net, inputs = Pair().eval(), draw_inputs(1)
    head = run_head(ask(net, inputs, target=1))
    assert head.layer == "split"
    torch.testing.assert_close(head.scores, net(inputs))
    expected = (net.linear.weight[1] / inputs.shape[2])[None, :, None].expand_as(head.maps)
    torch.testing.assert_close(differentiate(head), expected.detach())


def test_a_layer_that_the_scores_do_not_hang_on_is_refused() -> None:
    class Beside(nn.Module):
        def __init__(self, detached: bool) -> None:
            super().__init__()
            self.detached, self.body, self.linear = detached, make_body(2, 1), nn.Linear(81, CLASSES)

        def forward(self, inputs: Tensor) -> Tensor:
            seen = self.body(inputs).mean((1, 2, 3))
            scores = self.linear(inputs.flatten(1))
            return scores + seen.detach()[:, None] if self.detached else scores  # type: ignore[no-any-return]

    for detached in (False, True):
        with pytest.raises(InputError, match="layer body: the scores don't depend on its output"):
            differentiate(run_head(ask(Beside(detached), draw_inputs(2))))


def test_a_head_without_gradients_is_refused() -> None:
    class Closed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = make_tiny(2)

        def forward(self, inputs: Tensor) -> Tensor:
            with torch.no_grad():
                return self.net[5:](self.net[:5](inputs)).detach()  # type: ignore[no-any-return]

    with pytest.raises(InputError, match="no gradient leads to it"):
        differentiate(run_head(ask(Closed(), draw_inputs(2))))


@pytest.mark.parametrize(("back", "layer"), [(False, "conv"), (True, "turned")])
def test_the_guess_is_not_taken_in_by_channels_on_the_last_axis(back: bool, layer: str) -> None:
    for mixer in (nn.Linear(6, 6), nn.LSTM(6, 6, batch_first=True)):
        assert run_head(ask(Sequence(mixer, back), draw_inputs(1))).layer == layer
