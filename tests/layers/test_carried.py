from __future__ import annotations

from collections import OrderedDict

import pytest
import torch
from tests.layers.waysout import check_ways_out
from torch import Tensor, nn

from striate.layers import Add, Aux, Carried, CarryingNet, CarryingRow, Cat, Tap, Taps, carries


def make_wavenet() -> CarryingNet:
    """Two residual layers, each with a tap within a branch."""

    def layer() -> Add:
        row = CarryingRow(nn.Conv1d(3, 3, 1), nn.Tanh(), Tap(nn.Conv1d(3, 2, 1)), nn.Conv1d(3, 3, 1))
        return Add([row, nn.Identity()])

    return CarryingNet(OrderedDict(first=layer(), second=layer(), taps=Taps(), end=nn.ReLU()))


def run_slowly(net: CarryingNet, x: Tensor) -> Tensor:
    """The same sum, every step written out."""
    total = torch.zeros(())
    for name in ("first", "second"):
        gated = torch.tanh(run(net, f"{name}.branch1.0", x))
        total = total + run(net, f"{name}.branch1.2.branch1", gated)
        x = x + run(net, f"{name}.branch1.3", gated)
    return total.relu()


def run(net: CarryingNet, path: str, x: Tensor) -> Tensor:
    output: Tensor = net.get_submodule(path)(x)
    return output


def test_taps_sum_up_what_branches_of_brackets_give() -> None:
    torch.manual_seed(0)
    net, x = make_wavenet(), torch.randn(2, 3, 5)
    torch.testing.assert_close(net(x), run_slowly(net, x))
    check_ways_out(net, x)


def test_the_sum_begins_anew_behind_taps() -> None:
    double = nn.Conv1d(1, 1, 1, bias=False)
    nn.init.constant_(double.weight, 2)
    net = CarryingNet(Tap(nn.Identity()), Tap(double), Taps(), Tap(nn.Identity()), Taps())
    x = torch.randn(1, 1, 4)
    torch.testing.assert_close(net(x), 3 * x)


def test_nothing_is_kept_between_passes() -> None:
    net, x = make_wavenet(), torch.randn(2, 3, 5)
    assert torch.equal(net(x), net(x))
    assert not any(isinstance(value, Tensor) for part in net.modules() for value in vars(part).values())


def test_side_heads_leave_in_training_alone() -> None:
    net = CarryingNet(nn.Linear(3, 3), Aux(nn.Linear(3, 2), 0.4), nn.ReLU(), Aux(nn.Linear(3, 2)), nn.Linear(3, 2))
    x = torch.randn(4, 3)
    first = net[0](x)
    main, *sides = net.train()(x)
    assert net.side_weights == (0.4, 0.3)
    assert torch.equal(sides[0], run(net, "1.branch1", first))
    assert torch.equal(sides[1], run(net, "3.branch1", first.relu()))
    assert torch.equal(net.eval()(x), main)
    assert torch.equal(main, net[4](first.relu()))
    check_ways_out(net, x)


def test_a_side_head_runs_in_training_alone() -> None:
    calls: list[int] = []
    head = nn.Linear(3, 2)
    head.register_forward_hook(lambda *_: calls.append(1))
    net = CarryingNet(Aux(head), nn.Linear(3, 2))
    net.eval()(torch.randn(1, 3))
    assert not calls
    net.train()(torch.randn(1, 3))
    assert calls == [1]


def test_a_tap_in_a_side_head_stays_there() -> None:
    head = CarryingRow(Tap(nn.Identity()), Taps())
    net = CarryingNet(Tap(nn.Identity()), Aux(head), Taps())
    x = torch.randn(2, 3)
    main, side = net.train()(x)
    assert torch.equal(main, x)
    assert torch.equal(side, x)


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (nn.ReLU(), False),
        (Cat([nn.ReLU(), nn.Identity()]), False),
        (Cat([nn.ReLU(), CarryingRow(Taps())]), True),
        (Tap(nn.Identity()), True),
        (CarryingNet(Taps()), False),
    ],
)
def test_what_carries(module: nn.Module, said: bool) -> None:
    assert carries(module) is said


def test_gradients_reach_every_tap() -> None:
    net = make_wavenet().double()
    x = torch.randn(1, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(net, (x,))
    assert Carried().taps is None
