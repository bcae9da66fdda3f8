from __future__ import annotations

import time
from collections import OrderedDict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.nets.networks import CifarNet, ResNet18, make_mobilenet, make_vgg
from tests.nets.test_oracles import ORACLES, ZOO_NAMES, read_oracles
from torch import nn

from striate.nets import find_net
from striate.nets.build import make_module
from striate.nets.ordering import MOST_STEPS, Shape, find_order


def list_entries(module: nn.Module) -> list[tuple[str, Shape]]:
    state = module.state_dict().items()
    return [(name, tuple(value.shape)) for name, value in state if not name.endswith("num_batches_tracked")]


@pytest.mark.skipif(not ORACLES, reason="STRIATE_ORACLES names no folder with torchvision.json")
@pytest.mark.parametrize("name", ZOO_NAMES)
def test_torchvisions_order_is_found_from_its_sorted_names(name: str) -> None:
    entries = [(key, tuple(shape)) for key, shape in read_oracles()[name]["state_dict"]]
    entries = [(key, shape) for key, shape in entries if not key.endswith("num_batches_tracked")]
    wanted = list_entries(make_module(find_net(ZOO_NAMES[name]), (3, 224, 224), 1000, device="meta"))
    for seed in range(3):
        mixed = dict(Random(seed).sample(entries, len(entries)) if seed else sorted(entries))
        assert find_order(wanted, mixed) == ([key for key, _ in entries], True)


@pytest.mark.parametrize(
    ("name", "twin", "sure"),
    [
        ("mobilenet", make_mobilenet(10), True),
        ("vgg11-bn", make_vgg("64 M 128 M 256 256 M 512 512 M 512 512 M", 10), True),
        ("preresnet18", ResNet18(10, pre=True), True),
        ("resnet18", ResNet18(10), False),  # `norm_a` or `norm_b` first? Their shapes are the same
        ("resnet110-cifar", CifarNet(18), False),
    ],
)
def test_what_a_user_wrote_is_put_in_order(name: str, twin: nn.Module, sure: bool) -> None:
    wanted = list_entries(make_module(find_net(name), (3, 32, 32), 10, device="meta"))
    entries = list_entries(twin)
    order, known = find_order(wanted, dict(sorted(entries)))
    assert known == sure
    assert not known or order == [key for key, _ in entries]


class Gardener:
    """Grows modules of modules whose tensors all have shapes of their own."""

    def __init__(self, seed: int) -> None:
        self.random, self.width = Random(seed), 0

    def grow(self, depth: int = 0) -> nn.Module:
        if depth == 3 or self.random.random() < 0.4:
            self.width += 2
            return nn.Linear(self.width, self.width + 1)
        names = self.random.sample(["a", "b1", "b2", "conv10", "conv9", "in3a", "in3b", "z"], self.random.randint(1, 4))
        return nn.Sequential(OrderedDict((name, self.grow(depth + 1)) for name in sorted(names)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_shapes_of_their_own_are_always_found(seed: int) -> None:
    """`sorted` puts conv10 before conv9, so a grown module may break the rule of numbers: then there is no order."""
    entries = list_entries(Gardener(seed).grow())
    order, known = find_order(
        [(f"x.{number}.{name}", shape) for number, (name, shape) in enumerate(entries)],
        dict(Random(seed).sample(entries, len(entries))),
    )
    broken = any("conv10" in name for name, _ in entries) and any("conv9" in name for name, _ in entries)
    assert sorted(order) == sorted(name for name, _ in entries)
    assert known or broken
    assert not known or order == [name for name, _ in entries]


def test_two_orders_are_none() -> None:
    wanted = [("0.weight", (2, 2)), ("0.bias", (2,)), ("1.weight", (2, 2)), ("1.bias", (2,))]
    shapes = {"weight": (2, 2), "bias": (2,)}
    for names, known in ((("query", "key"), False), (("layer2", "layer10"), True)):
        found = {f"{name}.{leaf}": shapes[leaf] for name in reversed(names) for leaf in ("bias", "weight")}
        order, sure = find_order(wanted, found)
        assert sure == known
        assert not known or order == [f"{name}.{leaf}" for name in names for leaf in ("weight", "bias")]


def test_blocks_of_one_class_settle_each_other() -> None:
    """The first block alone could be either way; the second has two shapes."""
    wanted = [("a", (4, 4)), ("b", (4, 4)), ("c", (8, 4)), ("d", (8, 8))]
    found = {"1.up.w": (8, 8), "1.down.w": (8, 4), "0.up.w": (4, 4), "0.down.w": (4, 4)}
    assert find_order(wanted, found) == (["0.down.w", "0.up.w", "1.down.w", "1.up.w"], True)
    assert not find_order(wanted[:2], {name: found[name] for name in list(found)[2:]})[1]


def test_without_an_order_the_furthest_comes_first() -> None:
    wanted = [("0.weight", (2, 1)), ("1.weight", (3, 2)), ("2.weight", (4, 3))]
    found = {"c.weight": (9, 9), "b.weight": (3, 2), "a.weight": (2, 1)}
    assert find_order(wanted, found) == (["a.weight", "b.weight", "c.weight"], False)
    assert find_order([], {}) == ([], True)
    assert find_order(wanted, {}) == ([], False)


def test_what_has_too_many_orders_ends_soon() -> None:
    letters = [f"{first}{second}" for first in "abcdefgh" for second in "abcdefgh"]
    wanted = [(str(number), (1,)) for number in range(64)] + [("last", (2,))]
    start = time.process_time()
    assert not find_order(wanted, {**{f"{name}.w": (1,) for name in letters}, "zz.w": (3,)})[1]
    assert time.process_time() - start < 60 * MOST_STEPS / 100_000
