"""Randomising from the top: which layers when, what stays, and that the network itself isn't touched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from striate.errors import InputError
from striate.explain.trust.randomising import STAGES, group_layers, order_layers, plan_stages, randomise_down


class Backwards(nn.Module):
    """Registered from the top down; one layer's weights are used by function, one parameter is the root's own."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 3)
        self.inner = nn.Conv1d(4, 4, 3, padding=1)
        self.norm = nn.BatchNorm1d(4)
        self.first = nn.Conv1d(2, 4, 3, padding=1)
        self.act = nn.ReLU()
        self.scale = nn.Parameter(torch.rand(4, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.first(x)) * self.scale
        x = F.relu_(self.norm(F.conv1d(x, self.inner.weight, self.inner.bias, padding=1)))
        return self.head(x.mean(2))  # type: ignore[no-any-return]


def make_deep(layers: int) -> nn.Sequential:
    return nn.Sequential(*(nn.Conv1d(2, 2, 3, padding=1) for _ in range(layers)))


def randomise(module: nn.Module, seed: int = 0) -> Iterator[nn.Module]:
    return randomise_down(module, plan_stages(module, torch.randn(1, 2, 9)), seed)


def test_layers_are_in_the_order_in_which_they_run() -> None:
    order = order_layers(Backwards(), torch.randn(1, 2, 9))
    assert [path for path in order if path not in ("", "inner")] == ["first", "norm", "head"]
    assert len(order) == 5


def test_a_norm_goes_with_the_layer_before_it() -> None:
    module = nn.Sequential(nn.Conv1d(1, 2, 3), nn.BatchNorm1d(2), nn.ReLU(), nn.Conv1d(2, 2, 3), nn.BatchNorm1d(2))
    assert plan_stages(module, torch.randn(1, 1, 9)) == [("3", "4"), ("0", "1")]


@pytest.mark.parametrize("layers", [1, 2, 6, 7, 23])
def test_stages_are_few_and_hold_every_layer_once(layers: int) -> None:
    stages = group_layers([(str(layer),) for layer in reversed(range(layers))])
    assert len(stages) == min(layers, STAGES)
    assert stages[0] == (str(layers - 1),)
    assert [int(layer) for stage in stages for layer in stage] == [*reversed(range(layers))]
    assert max(map(len, stages[1:]), default=0) - min(map(len, stages[1:]), default=0) <= 1


def test_the_cascade_shuffles_all_above_and_nothing_below() -> None:
    module = make_deep(3)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    changed = []
    for copied in randomise(module):
        state = copied.state_dict()
        changed.append([name for name in before if not torch.equal(state[name], before[name])])
        for name in before:
            assert torch.equal(state[name].flatten().sort().values, before[name].flatten().sort().values)
    weights = [{name for name in names if "weight" in name} for names in changed]
    assert weights == [{"2.weight"}, {"2.weight", "1.weight"}, {"2.weight", "1.weight", "0.weight"}]
    assert all(torch.equal(module.state_dict()[name], before[name]) for name in before)


def test_norm_statistics_stay() -> None:
    module = Backwards()
    module(torch.randn(8, 2, 9))  # in training, so that there are statistics
    module.eval()
    *_, copied = randomise(module)
    for name, buffer in module.named_buffers():
        assert torch.equal(copied.get_buffer(name), buffer)
    assert not torch.equal(copied.get_parameter("scale"), module.get_parameter("scale"))


def test_shared_weights_are_shuffled_once_and_stay_shared() -> None:
    module = make_deep(2)
    module[1].weight = module[0].weight
    first, _ = randomise(module)
    assert isinstance(first, nn.Sequential)
    assert first[0].weight is first[1].weight
    alone = make_deep(1)
    alone[0].weight, alone[0].bias = module[1].weight, module[1].bias
    (once,) = randomise(alone)
    assert torch.equal(
        once.get_parameter("0.weight"), first.get_parameter("0.weight")
    )  # not a second time with layer 0


def test_the_seed_decides() -> None:
    module = make_deep(1)

    def shuffle(seed: int) -> Tensor:
        (copied,) = randomise(module, seed)
        return copied.get_parameter("0.weight")

    assert torch.equal(shuffle(3), shuffle(3))
    assert not torch.equal(shuffle(3), shuffle(4))


@pytest.mark.parametrize(
    ("top", "kept"),
    [("first", ["first"]), ("norm", ["first", "norm"]), ("head", ["first", "norm", "head"]), ("act", ["first"])],
)
def test_what_runs_after_the_top_is_left_out(top: str, kept: list[str]) -> None:
    order = order_layers(Backwards(), torch.randn(1, 2, 9), top)
    assert [path for path in order if path not in ("", "inner")] == kept


def test_a_network_without_weights_is_refused() -> None:
    with pytest.raises(InputError, match="no weights to randomise"):
        plan_stages(nn.Sequential(nn.ReLU(), nn.Flatten()), torch.randn(1, 2, 9))


def test_a_network_that_cannot_be_copied_is_refused() -> None:
    module = make_deep(1)
    object.__setattr__(module, "kept", module.get_parameter("0.weight") * 2)  # a tensor within a graph
    with pytest.raises(InputError, match="can't be copied"):
        next(randomise(module))


class Odd(nn.Module):
    """Holds weights, and puts out a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Conv1d(2, 2, 3, padding=1)
        self.scale = nn.Parameter(torch.rand(2, 1))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"out": self.inner(x) * self.scale}


class Around(nn.Module):
    """Registered from the top down, around an odd layer."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(2, 3)
        self.odd = Odd()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.odd(x)["out"].mean(2))  # type: ignore[no-any-return]


def test_a_layer_that_cannot_be_watched_leaves_the_order_of_registration() -> None:
    assert order_layers(Around(), torch.randn(1, 2, 9)) == ["head", "odd", "odd.inner"]
