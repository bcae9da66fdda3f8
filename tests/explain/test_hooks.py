"""What reaches into a module while it runs sees what it should, and is gone after."""

from __future__ import annotations

from collections import namedtuple
from contextlib import AbstractContextManager
from typing import Any

import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny, take_state
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.hooks import (
    find_part,
    first_tensor,
    list_calls,
    list_calls_from,
    put_out,
    reach,
    record,
    replace_first,
    start_gradients_at,
    tap,
    watch,
)

WAYS: dict[str, Any] = {
    "watch": lambda net: watch(net, ["0", "4"]),
    "start_gradients_at": lambda net: start_gradients_at(net, "4"),
    "tap": lambda net: tap(net, "4"),
    "put_out": lambda net: put_out(net, "4", torch.zeros(2, 6, 5, 5)),
    "list_calls": list_calls,
    "list_calls_from": lambda net: list_calls_from(net, "4"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fails", [False, True])
def test_hooks_are_gone_after(way: str, fails: bool) -> None:
    net = make_tiny(2).eval()
    before = take_state(net)
    everywhere = dict(nn.modules.module._global_forward_hooks)
    opened: AbstractContextManager[Any] = WAYS[way](net)
    with pytest.raises(RuntimeError) if fails else torch.no_grad(), opened:
        net(draw_inputs(3 if fails else 2))
    assert take_state(net) == before
    assert dict(nn.modules.module._global_forward_hooks) == everywhere


def make_in_place() -> nn.Sequential:
    return nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(14, 2))


@pytest.mark.parametrize("way", ["watch", "start_gradients_at", "tap", "record"])
def test_what_is_seen_is_not_what_a_later_layer_makes_of_it(way: str) -> None:
    torch.manual_seed(0)
    net, inputs = make_in_place(), draw_inputs(1)
    expected = net[0](inputs)
    if way == "record":
        seen = record(net, inputs, ["0"])
    else:
        opened = {"watch": watch(net, ["0"]), "start_gradients_at": start_gradients_at(net, "0"), "tap": tap(net, "0")}
        with opened[way] as seen:
            net(inputs)
    assert (expected < 0).any()
    torch.testing.assert_close(seen["0"].detach(), expected.detach())


def test_gradients_start_at_the_layer() -> None:
    net, inputs = make_in_place(), draw_inputs(1)
    with start_gradients_at(net, "0") as seen:
        score = net(inputs)[:, 1].sum()
    (gradient,) = torch.autograd.grad(score, [seen["0"]])
    expected = net.get_parameter("3.weight")[1].reshape(2, 7) * (seen["0"] > 0)
    torch.testing.assert_close(gradient, expected.detach())


def test_what_is_put_out_in_a_layers_place_is_what_follows_sees() -> None:
    net, values = make_in_place(), torch.randn(2, 2, 7)
    kept = values.clone()
    with put_out(net, "0", values):
        found = net(draw_inputs(1))
    torch.testing.assert_close(found, net[1:](kept.clone()))
    assert torch.equal(values, kept)


def test_calls_are_listed_as_they_are_done() -> None:
    net = make_tiny(1)
    wrapped = nn.Sequential(nn.Sequential(net[:3], net[3]), net[4:])
    with list_calls(wrapped) as calls:
        wrapped(draw_inputs(1))
    assert [path for path, _, _ in calls][:6] == ["0.0.0", "0.0.1", "0.0.2", "0.0", "0.1", "0"]
    assert [shape for path, _, shape in calls if path == "0"] == [(2, 6, 5)]
    with list_calls_from(wrapped, "0.0.2") as late:
        wrapped(draw_inputs(1))
    assert [part for part, _ in late] == [part for _, part, _ in calls][2:]
    assert [shape for _, shape in late] == [shape for _, _, shape in calls][2:]


def test_a_list_from_a_layer_on_holds_all_its_calls() -> None:
    net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Conv1d(2, 2, 3))
    net.append(net[1])
    with list_calls_from(net, "1") as calls:
        net(draw_inputs(1))
    assert [part for part, _ in calls] == [net[1], net[2], net[1]]


def test_parts_go_by_their_paths() -> None:
    net = nn.Sequential(nn.Sequential(nn.ReLU()))
    assert find_part(net, "0.0") is [*net.modules()][2]
    for path in ("", "1", "0.training", "0..0"):
        with pytest.raises(InputError, match=r"needed one of 0, 0\.0$"):
            find_part(net, path)


def test_of_several_outputs_the_first_is_meant() -> None:
    pair = namedtuple("pair", "first second")
    one, two = torch.zeros(1), torch.ones(1)
    assert first_tensor((one, two), "a") is one
    replaced = replace_first(pair(one, two), two)
    assert isinstance(replaced, pair)
    assert replaced == pair(two, two)
    assert replace_first([one, "x"], two) == [two, "x"]
    with pytest.raises(InputError, match="layer a: found an output of type dict"):
        first_tensor({}, "a")


def test_a_pass_ends_where_it_should() -> None:
    class Broken(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            raise AssertionError("the pass went on")

    net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), Broken())
    inputs = draw_inputs(1)
    given, made = reach(net, "1", inputs)
    torch.testing.assert_close(given, net[0](inputs).detach())
    torch.testing.assert_close(made, given.relu())


class Winding(nn.Module):
    """In place, used twice, and one part that is never used."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 2, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.spare = nn.Conv1d(2, 2, 1)
        self.head = nn.Linear(7, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.relu(self.conv(input=self.relu(self.conv(x)))))  # type: ignore[no-any-return]


def test_what_is_recorded_is_a_copy_from_before_work_in_place() -> None:
    torch.manual_seed(0)
    net, inputs = Winding(), torch.randn(1, 2, 7)
    seen = record(net, inputs, ["relu", "conv", "spare"])
    twice = net.conv(net.conv(inputs).relu())
    assert list(seen) == ["conv", "relu"]
    assert torch.equal(seen["conv"], twice)
    assert torch.equal(seen["relu"], twice.relu())
    assert not seen["conv"].requires_grad
    assert not any(part._forward_hooks for part in net.modules())


def test_a_pass_ends_at_the_layer_that_is_to_be_reached() -> None:
    torch.manual_seed(0)
    net, inputs = Winding(), torch.randn(1, 2, 30)  # too long for the head
    given, output = reach(net, "relu", inputs)
    assert torch.equal(output, net.conv(inputs).relu())
    first, after = reach(net, "conv", inputs)
    assert torch.equal(first, inputs)
    assert torch.equal(after, net.conv(inputs))
    assert given.shape == after.shape
    assert not any(part._forward_hooks for part in net.modules())
    with pytest.raises(InputError, match="doesn't come by"):
        reach(net, "spare", inputs[..., :7])
