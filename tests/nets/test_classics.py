"""The classics against what their papers print, layer by layer where these do."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.measure import measure
from striate.nets import find_net, list_layers, list_zoo, place
from striate.nets.build import make_module


def count(name: str, classes: int) -> dict[str, int]:
    """Parameters by the layer's path, of those that have any."""
    placed = place(find_net(name), None, classes)
    return {path: part.parameters for path, part in list_layers(placed) if part.parameters}


def test_the_zip_code_network_of_1989() -> None:
    """Neural Computation 1, sec. 3.2: H1 has 768 biases and 25 weights a map, H2 200 weights a map and 192 biases."""
    h1, h2 = 768 + 12 * 25, 192 + 12 * 200
    assert list(count("zip1989", 10).values()) == [h1, h2, 5790, 310]
    assert sum(count("zip1989", 10).values()) == 9760
    placed = place(find_net("zip1989"), None, 10)
    assert [part.output for part in placed if part.word == "conv"] == [(12, 8, 8), (12, 4, 4)]


def test_lenet5_as_printed() -> None:
    """Proceedings of the IEEE 86, sec. II.B: the parameters of C1, S2, C3, S4, C5 and F6, and 60,000 of them in all."""
    printed = [156, 12, 1516, 32, 48_120, 10_164]
    found = list(count("lenet5-1998", 10).values())
    assert found[:-1] == printed
    assert sum(printed) == 60_000


def test_lenet5s_connections_as_printed() -> None:
    """The same section: 122,304 connections of C1, 151,600 of C3, 48,120 of C5; they count a bias at each cell."""
    net = find_net("lenet5-1998")
    table = measure(make_module(net, net.input, 10), input=net.input or ())
    cells = {"conv1": 28 * 28 * 6, "conv2": 10 * 10 * 16, "conv3": 120}
    for name, printed in (("conv1", 122_304), ("conv2", 151_600), ("conv3", 48_120)):
        multiplies = sum(row.multiplies for row in table.rows if row.name.startswith(name))
        assert multiplies + cells[name] == printed


def test_c3_of_lenet5_sees_what_table_i_says() -> None:
    """Table I of the paper, column by column: which maps of S2 each map of C3 sees."""
    columns = ["012", "123", "234", "345", "045", "015", "0123", "1234", "2345", "0345", "0145", "0125"]
    columns += ["0134", "1245", "0235", "012345"]
    net = find_net("lenet5-1998")
    module = make_module(net, net.input, 10)
    x = torch.zeros(1, 6, 14, 14, requires_grad=True)
    output = module.get_submodule("conv2")(x)
    for number, column in enumerate(columns):
        (gradient,) = torch.autograd.grad(output[0, number].sum(), x, retain_graph=True)
        assert "".join(str(each) for each in range(6) if gradient[0, each].any()) == column


PRINTED = [
    ("alexnet", 1000, 60_965_224),
    ("vgg16", 1000, 138_357_544),
    ("zip1989", 10, 9_760),
    ("googlenet", 1000, 13_378_280),
]


@pytest.mark.parametrize(("name", "classes", "parameters"), PRINTED)
def test_parameters_in_all(name: str, classes: int, parameters: int) -> None:
    assert sum(count(name, classes).values()) == parameters


IN_MILLIONS = [
    ("overfeat-fast", 1000, 145, 0),  # tables 1 and 3 of arXiv:1312.6229
    ("overfeat-accurate", 1000, 144, 0),
    ("resnet20-cifar", 10, 0.27, 2),  # table 6 of arXiv:1512.03385
    ("resnet56-cifar", 10, 0.85, 2),
    ("resnet110-cifar", 10, 1.7, 1),
    ("allconv", 10, 1.3, 1),  # table 3 of arXiv:1412.6806: about 1.3 million
    ("m5", 10, 0.5, 1),  # table 1 of arXiv:1610.00087
    ("mobilenet", 1000, 4.2, 1),  # table 8 of arXiv:1704.04861
    ("squeezenet", 1000, 1.2, 1),  # table 1 of arXiv:1602.07360: 1,248,424
    ("preresnet18", 1000, 11.7, 1),
]


@pytest.mark.parametrize(("name", "classes", "millions", "digits"), IN_MILLIONS)
def test_parameters_in_millions(name: str, classes: int, millions: float, digits: int) -> None:
    """As printed, which may be rounded or cut off."""
    found = sum(count(name, classes).values()) / 1e6
    assert abs(found - millions) < 10**-digits


def test_googlenets_side_heads_run_in_training_alone() -> None:
    net = find_net("googlenet")
    module = make_module(net, (3, 128, 128), 7)
    assert [tuple(head.shape) for head in module.train()(torch.zeros(1, 3, 128, 128))] == [(1, 7)] * 3
    assert module.eval()(torch.zeros(1, 3, 128, 128)).shape == (1, 7)
    whole = sum(count("googlenet", 1000).values())
    heads = sum(number for path, number in count("googlenet", 1000).items() if path.startswith("aux"))
    assert whole - heads == 6_998_552


@pytest.mark.parametrize("depth", [20, 56, 110])
def test_a_plain_twin_has_the_same_layers(depth: int) -> None:
    """The skips of the residual one have no parameters (option A of the paper): both count the same."""
    own, plain = (list(count(f"resnet{depth}-cifar{end}", 10).values()) for end in ("", "-plain"))
    assert own == plain
    module = make_module(find_net(f"resnet{depth}-cifar"), (3, 32, 32), 10)
    convs = [part for part in module.modules() if isinstance(part, nn.Conv2d)]
    assert len(convs) == depth - 1


def test_overfeats_extents_are_its_tables() -> None:
    """Tables 1 and 3: the extents that meet each stage (of the fast one: 24, 12, 12, 12, 6 from its second on)."""
    for name, inside in (("overfeat-fast", {24, 12, 6}), ("overfeat-accurate", {36, 15, 5})):
        placed = place(find_net(name), None, 1000)
        assert inside <= {part.output[-1] for part in placed if len(part.output) == 3}


def test_wavenet_is_causal_and_sees_2047_steps() -> None:
    net = find_net("wavenet-small")
    module = make_module(net, (1, 2100), 4)
    first = module.get_submodule("embed1")
    inner = torch.randn(1, 32, 2100, requires_grad=True)
    first.register_forward_hook(lambda *_: inner)
    module(torch.zeros(1, 1, 2100))[0, :, 2060].sum().backward()
    assert inner.grad is not None
    seen = inner.grad[0].abs().sum(0).nonzero().flatten().tolist()
    assert (seen[0], seen[-1], len(seen)) == (2060 - 2046, 2060, 2047)


def test_the_printed_u_net_gives_the_middle() -> None:
    """Figure 1 of arXiv:1505.04597: 572x572 in, 388x388 out; 32x32 where it is narrowest, 28x28 behind that."""
    placed = place(find_net("unet-2015"), None, 2)
    shapes = {part.output for _, part in list_layers(placed)}
    assert placed[-1].output == (2, 388, 388)
    assert {(64, 568, 568), (512, 64, 64), (512, 56, 56), (1024, 28, 28), (1024, 56, 56)} <= shapes


def test_c3d_and_dcgan_have_the_printed_shapes() -> None:
    video = place(find_net("c3d"), None, 101)
    assert [part.output for part in video if part.word == "maxpool"][-1] == (512, 1, 4, 4)
    picture = place(find_net("dcgan-generator"))
    assert [part.output[-1] for part in list_deconvolutions(picture)] == [4, 8, 16, 32, 64]


def list_deconvolutions(placed: tuple) -> list:  # type: ignore[type-arg]
    return [part for _, part in list_layers(placed) if part.word == "deconv"]


@pytest.mark.parametrize("name", list_zoo())
def test_a_file_can_be_read_at_a_glance(name: str) -> None:
    text = find_net(name).text
    assert len(text.splitlines()) <= 40
    assert text.startswith("# ")
    assert any(f"{year}" in text.splitlines()[0] for year in range(1986, 2027))
