from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from striate.errors import NotationError
from striate.nets import Net, list_layers, parse, place
from striate.nets.build import make_module
from striate.nets.expansion import expand
from striate.nets.paths import find_layers
from striate.nets.words.word import Plain


def test_the_module_has_a_part_of_each_name() -> None:
    text = "def f(n) = conv3-n, relu6, add[ | conv1-n, relu6]\nf(4)*2, [relu6, cat[f(4) | ]]*2, gap"
    module = make_module(parse(text), (4, 8, 8))
    paths = [path for path, _ in find_layers(expand(parse(text)))]
    assert len(set(paths)) == len(paths) == 4 * 2 + 5 * 2 + 1
    assert {type(module.get_submodule(path)).__name__ for path in paths} == {"Conv2d", "ReLU6", "AdaptiveAvgPool2d"}


@given(seed=st.integers(0, 2**32))
def test_shapes_and_paths_agree(grow_net: Callable[[int], Net], seed: int) -> None:
    """Found without shapes, the layers have the names that they have with them."""
    net = parse("def f = relu, add[conv3-3 | relu, bn]\n" + "f*2, relu6*2, cat[f | [bn]*2]")
    placed = [path for path, each in list_layers(place(net, (3, 8, 8))) if isinstance(each.part, Plain)]
    assert [path for path, _ in find_layers(expand(net))] == placed
    try:
        expanded = expand(grow_net(seed), 10)
    except NotationError:
        return
    paths = [path for path, _ in find_layers(expanded)]
    assert len(set(paths)) == len(paths)
