from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch
from tests.layers.waysout import check_ways_out
from torch import nn

from striate.arithmetic import count_convolution_multiplies, count_linear_multiplies, count_transposed_multiplies
from striate.errors import InputError, NotationError
from striate.measure import measure
from striate.nets import find_net, list_layers, list_zoo, parse, place
from striate.nets.build import make_module
from striate.nets.nesting import MOST_DEPTH
from striate.nets.reader import MOST_AXES
from striate.nets.shapes import Placed
from striate.nets.tree import Net
from striate.nets.words.word import Plain

EVERYTHING = """
def unit(n) = conv3-n, bn, relu
unit(8)*2
add[unit(8) | ]
cat[ | maxpool2, unit(16), deconv2-8/2]
mul[ | gap, conv1-16, sigmoid]
depthwise3, gn groups=4, gelu
avgpool2 pad=0:1, upsample2, conv3-8 pad=causal, ln, silu
dropout p=0.5
gap, flatten, fc-classes
"""
INPUTS = [(3, 16), (3, 16, 16), (3, 8, 8, 8), (3, 4, 2, 4, 2, 4)]


def count(module: nn.Module) -> int:
    return sum(values.numel() for values in module.parameters())


@pytest.mark.parametrize(
    ("shape", "kinds"),
    [
        ((1, 8000), {nn.Conv1d, nn.BatchNorm1d, nn.MaxPool1d}),
        ((3, 224, 224), {nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d}),
        ((1, 16, 64, 64), {nn.Conv3d, nn.BatchNorm3d, nn.MaxPool3d}),
    ],
)
def test_one_text_in_any_dimension(shape: tuple[int, ...], kinds: set[type[nn.Module]]) -> None:
    net = find_net("resnet18")
    module = make_module(net, shape, 10, device="meta")
    assert kinds <= {type(inner) for inner in module.modules()}
    assert module(torch.zeros(2, *shape, device="meta")).shape == (2, 10)
    assert count(module) == sum(part.parameters for _, part in list_layers(place(net, shape, 10)))


def test_names_tell_the_text() -> None:
    module = make_module(find_net("resnet18"), (3, 32, 32), 10, device="meta")
    assert [name for name, _ in module.named_children()][:5] == ["conv1", "bn1", "relu1", "maxpool1", "block1"]
    assert isinstance(module.get_submodule("block2.add1.branch1.conv2"), nn.Conv2d)
    assert isinstance(module.get_submodule("down3.add1.branch2.bn1"), nn.BatchNorm2d)
    assert isinstance(module.get_submodule("block1.add1.branch2"), nn.Identity)
    shown = repr(make_module(parse("relu6, conv3-8/2 pad=causal"), (3, 9), device="meta"))
    assert "(relu6_1): ReLU6()" in shown
    assert "(conv1): PaddedConv1d(3, 8, kernel_size=(3,), stride=(2,), pads=((2, 0),))" in shown


@pytest.mark.parametrize("shape", INPUTS)
def test_train_and_backward(shape: tuple[int, ...]) -> None:
    module = make_module(parse(EVERYTHING), shape, 5)
    module(torch.randn(2, *shape)).square().sum().backward()
    assert all(values.grad is not None for values in module.parameters())


FIVE_AXES = """
conv3-4/2 mode=replicate, bn, relu, maxpool2 ceil=yes
add[conv2-4 groups=2 pad=causal, ln, relu | depthwise3 fill=-1]
deconv2-6/2, gn groups=3, avgpool2 pad=0:1 count=no
cat[gap | gmp | upsample2 mode=linear, gmp], dropout, flatten, fc-classes
"""


def test_a_network_over_five_axes_trains_and_is_measured_and_taken_away() -> None:
    shape = (2, 4, 3, 2, 3, 5)
    net = parse(FIVE_AXES)
    module = make_module(net, shape, 3)
    before = {name: parameter.detach().clone() for name, parameter in module.named_parameters()}
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    torch.nn.functional.cross_entropy(module(torch.randn(4, *shape)), torch.tensor([0, 1, 2, 0])).backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    unmoved = {name for name, parameter in module.named_parameters() if torch.equal(parameter, before[name])}
    assert unmoved == set()
    check_ways_out(module, torch.randn(1, *shape), onnx=False)  # each layer by itself is in tests/layers
    assert measure(module, shape, batch=2).multiplies == 2 * sum(map(count_by_formula, list_convolutions(net, shape)))


def list_convolutions(net: Net, shape: tuple[int, ...]) -> list[Placed]:
    return [part for _, part in list_layers(place(net, shape, 3)) if part.word in (*GROUPS, "deconv", "fc")]


GROUPS = {"conv": 1, "depthwise": 4}


def count_by_formula(placed: Placed) -> int:
    """By output cells, a transposed one by input cells; each channel of a depthwise one by itself."""
    (inner, *extents), (outer, *made) = placed.input, placed.output
    if not isinstance(placed.part, Plain) or placed.word == "fc":
        return count_linear_multiplies(inner, outer)
    sizes = placed.part.size * len(extents)
    if placed.word == "deconv":
        return count_transposed_multiplies(inner, outer, sizes, extents)
    groups = placed.part.options.get("groups", GROUPS[placed.word])
    return count_convolution_multiplies(inner, outer, sizes, made, groups)


def test_same_seed_same_bits() -> None:
    states = [make_module(parse(EVERYTHING), INPUTS[1], 5, seed=seed).state_dict() for seed in (3, 3, 4)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    kernels = [key for key, value in states[0].items() if value.ndim > 1]
    assert kernels
    assert not any(torch.equal(states[0][key], states[2][key]) for key in kernels)


def test_torch_random_state_is_left_alone() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    make_module(parse(EVERYTHING), INPUTS[1], 5)
    make_module(parse(EVERYTHING), INPUTS[1], 5, device="meta")
    assert torch.equal(torch.get_rng_state(), before)


def make_pair() -> tuple[nn.Sequential, torch.Tensor, torch.Tensor]:
    module = make_module(parse(EVERYTHING), INPUTS[1], 5).eval()
    x = torch.randn(2, *INPUTS[1], generator=torch.Generator().manual_seed(0))
    return module, x, module(x).detach()


def test_state_goes_to_another_module() -> None:
    module, x, y = make_pair()
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    other = make_module(parse(EVERYTHING), INPUTS[1], 5, seed=1).eval()
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(x), y)


def test_copy_and_pickle() -> None:
    module, x, y = make_pair()
    assert torch.equal(copy.deepcopy(module)(x), y)
    assert torch.equal(pickle.loads(pickle.dumps(module))(x), y)


def test_compile_and_export() -> None:
    module, x, y = make_pair()
    torch.testing.assert_close(torch.compile(module, backend="eager", fullgraph=True)(x), y)
    torch.testing.assert_close(torch.export.export(module, (x,)).module()(x), y)


def test_the_deepest_net_builds_runs_and_copies() -> None:
    net = parse("add[ | " * MOST_DEPTH + "relu" + "]" * MOST_DEPTH)
    module = make_module(net, (1, 4))
    assert torch.equal(module(torch.ones(1, 1, 4)), torch.full((1, 1, 4), MOST_DEPTH + 1.0))
    assert repr(copy.deepcopy(module)) == repr(module)
    assert pickle.dumps(module)


SMALL = {"unet": (1, 32, 32), "segnet": (3, 64, 64), "unet-2015": (1, 188, 188)}
MOST_PARAMETERS = 13_000_000  # larger ones run without memory here, and whole in test_oracles.py


def choose_input(net: Net) -> tuple[int, ...]:
    """An input as small as makes sense: photographs shrink to 96x96."""
    given = net.input or (3, 32, 32)
    small = (given[0], 96, 96) if len(given) == 3 and min(given[1:]) > 200 else given
    return SMALL.get(net.source.removesuffix(".net"), small)


@pytest.mark.parametrize("name", list_zoo())
def test_zoo_runs(name: str) -> None:
    net = find_net(name)
    shape = choose_input(net)
    placed = place(net, shape, 10)
    large = sum(part.parameters for _, part in list_layers(placed)) > MOST_PARAMETERS
    module = make_module(net, shape, 10, device="meta" if large else "cpu").eval()
    y = module(torch.ones(2, *shape, device="meta") if large else torch.randint(2, (2, *shape)).float())
    assert y.shape == (2, *placed[-1].output)
    assert large or torch.isfinite(y).all()


def test_nothing_at_all_is_the_identity() -> None:
    x = torch.randn(1, 3, 4)
    assert make_module(parse("relu*0"), (3, 4))(x) is x


def test_too_many_axes() -> None:
    shape = (3, *[2] * (MOST_AXES + 1))
    with pytest.raises(InputError, match=rf"{MOST_AXES + 1} spatial axes, needed at most {MOST_AXES}\. "):
        make_module(parse("conv3-8"), shape)


def test_too_much_memory_is_not_taken() -> None:
    with pytest.raises(InputError, match=r"parameters .* needed at most the machine's"):
        make_module(parse("flatten, fc-9999999"), (3, 100, 100))


def test_classes_are_asked_for() -> None:
    with pytest.raises(NotationError, match="Give classes=10"):
        make_module(find_net("lenet5"))
