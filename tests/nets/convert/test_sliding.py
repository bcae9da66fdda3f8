"""Sliding networks equal their crops run one by one, or say why not."""

from __future__ import annotations

import copy
from typing import cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from tests.nets.convert.crops import check_sliding, draw_statistics, run_crops
from torch import Tensor, nn

from striate.errors import InputError
from striate.measure import measure
from striate.nets import find_net, parse
from striate.nets.build import make_module
from striate.nets.convert import SlidingWindow, fully_convolutional


def build(text: str, input: tuple[int, ...], seed: int = 1) -> nn.Module:
    return make_module(parse(text), input, classes=5, seed=seed)


HEAD = "flatten, fc-12, bn, relu, dropout, fc-classes"


@pytest.mark.parametrize(
    ("text", "input", "extents", "step"),
    [
        (f"conv3-4 pad=valid, relu, maxpool2, conv3-6 pad=valid, bn, relu, maxpool2, {HEAD}", (2, 18, 18), (27, 22), 4),
        (f"conv5-4/2 pad=valid, tanh, {HEAD}", (1, 12), (25,), 2),
        (f"conv3-4 pad=valid, relu, avgpool2, {HEAD}", (1, 6, 8, 6), (9, 9, 8), 2),
        ("flatten, fc-7, relu, fc-classes", (2, 4, 3), (6, 6), 1),
        ("conv3-4/2 pad=valid, relu, gap, flatten, fc-classes", (1, 9, 9), (15, 12), 2),
        ("conv3-4/2 pad=valid, relu, gmp, flatten, fc-classes", (1, 9), (15,), 2),
        ("conv3-4 pad=valid, gap", (1, 5, 5), (7, 7), 1),
        (f"conv3-4/2 pad=valid, maxpool3/2, {HEAD}", (1, 24), (41,), 4),  # strides that don't divide: 24, 11, 5
        (f"conv3-4 pad=valid, maxpool3/2 ceil=yes, {HEAD}", (1, 13, 13), (17, 16), 2),  # 11 cells: no overhang
        (f"conv3-4 pad=valid, avgpool4, {HEAD}", (1, 9, 9), (17, 12), 4),  # one cell, of 4 of the 7
        (f"add[conv3-4 pad=valid, relu, conv3-4 pad=valid | crop2, conv1-4], relu, {HEAD}", (1, 9, 9), (11, 11), 1),
        (f"conv2-4 pad=valid, avgpool6/9, {HEAD}", (1, 8, 8), (10, 11), 2),  # one cell, of 6 of the 7
        (f"add[conv1-4/2 | conv2-4/2 pad=valid], relu, {HEAD}", (1, 2), (7,), 2),
        (f"add[conv1-4/2 | conv2-4/2 pad=valid], relu, {HEAD}", (1, 6), (11,), 2),
        (f"cat[conv3-4/2 pad=valid | maxpool3/2], relu, {HEAD}", (2, 9), (13,), 2),
        (f"conv2-4/2 pad=valid, deconv2-3/2, relu, {HEAD}", (1, 8), (14,), 2),
        (f"upsample2, conv3-4 pad=valid, {HEAD}", (1, 5, 5), (7, 7), 1),
        (f"upsample2, conv3-4/2 pad=valid, {HEAD}", (1, 7), (10,), 1),
        (f"upsample2, conv3-4/3 pad=valid, {HEAD}", (1, 7), (15,), 3),
        (f"conv3-8 pad=valid, pixelshuffle2, maxout2, scale, {HEAD}", (1, 7, 7), (9, 9), 1),
        (f"conv3-4, relu, crop1, {HEAD}", (1, 7, 7), (10, 9), 1),  # what the padding spoils is cut off
        (f"conv3-8 pad=valid, ln, gelu, channelshuffle groups=2, lrn, {HEAD}", (1, 7, 7), (9, 9), 1),
        ("conv3-4 pad=valid, relu, flatten, ln, fc-6, ln, fc-classes, softmax", (1, 6, 6), (8, 8), 1),
        ("conv3-4 pad=valid, flatten", (1, 5), (9,), 1),
        (f"conv3-4 pad=valid, maxpool2, {HEAD}", (1, 4, 4, 4, 4), (5, 4, 6, 4), 1),
        (f"maxpool2, conv2-4 pad=valid, {HEAD}", (1, 4, 4, 4, 6), (6, 4, 6, 8), 2),
        (f"upsample2, maxpool3/2, conv2-4 pad=valid, {HEAD}", (1, 4, 4, 4, 4), (5, 4, 6, 4), 1),
        ("conv3-4 pad=valid, tap[flatten, fc-3], relu, tap[gap, flatten, fc-3], taps", (1, 7), (12,), 1),
        ("tap[conv3-1 pad=valid], tap[maxpool3/1], taps, relu, flatten, fc-classes", (1, 9), (12,), 1),
        ("conv3-4 pad=valid, gap, flatten, fc-classes", (1, 4, 4, 4, 4), (6, 4, 5, 4), 1),
    ],
)
def test_what_pads_nothing_equals_the_crops(
    text: str, input: tuple[int, ...], extents: tuple[int, ...], step: int
) -> None:
    check_sliding(build(text, input), input, extents, step)


def test_only_what_needs_a_place_is_exact_where_the_padding_is_cut_off() -> None:
    spoiled = fully_convolutional(build("conv3-4, conv3-4, crop1, flatten, fc-classes", (1, 7, 7)), (1, 7, 7))
    assert not spoiled.exact
    assert spoiled.why.startswith("conv1, conv2 read past a crop's border")


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("conv3-4, relu, flatten, fc-classes", "conv1"),
        ("conv4-4 pad=3:0, relu, flatten, fc-classes", "conv1"),
        (
            "conv3-4 pad=valid, maxpool2 ceil=yes, flatten, fc-classes",
            "maxpool1",
        ),  # 7 cells: the last window hangs over
        ("conv3-4 pad=1 mode=circular, flatten, fc-classes", "conv1"),
        ("upsample2 mode=linear, flatten, fc-classes", "upsample1"),
        ("deconv3-4/2 pad=1:0, flatten, fc-classes", "deconv1"),
        ("conv3-4 pad=valid, avgpool3 pad=1, flatten, fc-classes", "avgpool1"),
    ],
)
def test_what_reads_past_the_border_says_so_and_is_not_equal(text: str, layers: str) -> None:
    module = build(text, (1, 9, 9)).eval()
    sliding = fully_convolutional(module, (1, 9, 9))
    assert not sliding.exact
    assert sliding.why.startswith(f"{layers} reads past a crop's border")
    with torch.no_grad():
        image = torch.randn(1, 1, 21, 21)
        expected = run_crops(module, image, sliding.window, sliding.step)
        found = sliding(image)
        assert found.shape == expected.shape
        assert not torch.allclose(found, expected, atol=1e-3)
        crop = image[:, :, :9, :9]
        torch.testing.assert_close(sliding(crop).flatten(1), module(crop), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "input"), [("lenet5", (1, 28, 28)), ("vgg11", (3, 32, 32)), ("resnet18", (3, 64, 64))]
)
def test_classics_give_their_own_numbers_on_their_own_input(name: str, input: tuple[int, ...]) -> None:
    text = {
        "vgg11": "def s(n) = conv3-n, relu, maxpool2\ndef d(n) = [conv3-n, relu]*2, maxpool2\n"
        "s(8), s(8), d(16), d(16), d(16), flatten, [fc-32, relu, dropout]*2, fc-classes",
        "resnet18": "def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu\n"
        "def down(n) = add[conv3-n/2, bn, relu, conv3-n, bn | conv1-n/2, bn], relu\n"
        "conv7-8/2, bn, relu, maxpool3/2 pad=1, block(8)*2, down(16), block(16), down(16), block(16), down(32), "
        "block(32), gap, flatten, fc-classes",
        "lenet5": "conv5-6 pad=2, tanh, avgpool2, conv5-16 pad=valid, tanh, avgpool2, conv5-120 pad=valid, tanh, "
        "flatten, fc-84, tanh, fc-classes",
    }[name]
    module = draw_statistics(build(text, input))
    sliding = fully_convolutional(module, input)
    with torch.no_grad():
        image = torch.randn(2, *input)
        torch.testing.assert_close(sliding(image)[..., 0, 0], module(image), rtol=1e-4, atol=1e-5)
        extents = [extent + 2 * step + 1 for extent, step in zip(input[1:], sliding.step, strict=True)]
        assert sliding(torch.randn(1, input[0], *extents)).shape == (1, 5, 3, 3)
    assert not sliding.exact
    assert sliding.why.startswith(
        "conv1 reads" if name == "lenet5" else ("conv1, " if name == "resnet18" else "s1.conv1")
    )


PARTS = [
    *("conv3-3 pad=valid", "conv2-3/2 pad=valid", "conv3-3", "conv4-3/3 pad=1:0", "conv1-3/2", "conv3-3 dilation=2"),
    *("maxpool2", "maxpool3/2 ceil=yes", "avgpool2", "maxpool3/1 pad=1", "avgpool4/3", "crop1", "crop2"),
    *("upsample2", "upsample3", "deconv2-3/2", "deconv3-3/2", "upsample2 mode=linear", "relu", "bn"),
    *("add[maxpool2 | conv2-1/2 pad=valid]", "cat[conv1-2/2 | conv2-1/2 pad=valid]", "add[conv3-3 | conv1-3]"),
]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=5),
    st.integers(4, 24),
    st.integers(0, 9),
    st.sampled_from(["flatten, fc-4, relu, fc-classes", "gap, flatten, fc-classes", "flatten"]),
)
def test_exact_is_never_claimed_in_vain(parts: list[str], extent: int, more: int, head: str) -> None:
    try:
        module = draw_statistics(build(", ".join([*parts, head]), (1, extent))).double()
        sliding = fully_convolutional(module, (1, extent))
    except InputError:
        return  # too small for its layers, or branches whose cells lie otherwise
    with torch.no_grad():
        crop = torch.randn(2, 1, extent, dtype=torch.float64)
        torch.testing.assert_close(sliding(crop)[..., 0], module(crop).flatten(1), rtol=1e-9, atol=1e-9)
        image = torch.randn(1, 1, extent + 2 * sliding.step[0] + more, dtype=torch.float64)
        expected = run_crops(module, image, sliding.window, sliding.step)
        found = sliding(image)
        assert found.shape == expected.shape
        if sliding.exact:
            torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_the_first_of_its_kind() -> None:
    check_sliding(make_module(find_net("lenet5-1998"), classes=10), (1, 32, 32), (41, 37), 4)


def test_the_rule_for_a_layer_that_runs_twice_with_different_strides() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool = nn.MaxPool2d(2)
            self.fc = nn.Linear(1, 2)

        def forward(self, x: Tensor) -> Tensor:
            return cast(Tensor, self.fc(self.pool(self.pool(x)).flatten(1)))

    sliding = check_sliding(
        Twice(), (1, 4, 4), (9, 8), 2
    )  # the second pool leaves one cell: its windows follow closely
    assert [name for name, _ in sliding.network.named_children()] == ["pool", "pool_2", "fc"]


def test_mode_and_parameters_are_kept() -> None:
    module = build("conv3-4 pad=valid, bn, relu, flatten, fc-12, bn, relu, dropout, fc-classes", (1, 6, 6))
    for name in ("conv1.weight", "fc1.bias"):
        module.get_parameter(name).requires_grad_(False)
    sliding = fully_convolutional(module, (1, 6, 6))
    assert sliding.training
    assert all(part.training for part in sliding.modules())
    state = sliding.network.state_dict()
    assert list(state) == list(module.state_dict())
    for name, tensor in module.state_dict().items():
        assert torch.equal(state[name].flatten(), tensor.flatten())
        assert state[name].data_ptr() != tensor.data_ptr()
    frozen = {name for name, parameter in sliding.network.named_parameters() if not parameter.requires_grad}
    assert frozen == {"conv1.weight", "fc1.bias"}
    sliding(torch.randn(2, 1, 8, 8)).sum().backward()
    module.eval()
    assert not any(part.training for part in fully_convolutional(module, (1, 6, 6)).modules())


def test_the_mode_of_each_part_is_kept() -> None:
    module = build("add[conv3-4 pad=valid, bn | crop1, conv1-4], dropout, flatten, fc-2, dropout", (1, 6, 6))
    module.get_submodule("add1.branch1.bn1").eval()
    modes = {name: part.training for name, part in module.named_modules()}
    found = {name: part.training for name, part in fully_convolutional(module, (1, 6, 6)).network.named_modules()}
    assert found.items() <= modes.items()
    assert [name for name, mode in found.items() if not mode] == ["add1.branch1.bn1"]


def test_statistics_are_not_touched_by_converting_in_training() -> None:
    module = build("conv3-4 pad=valid, bn, flatten, fc-classes", (1, 6, 6))
    sliding = fully_convolutional(module, (1, 6, 6))
    for network in (module, sliding.network):
        assert torch.equal(network.bn1.running_var, torch.ones(4))  # type: ignore[union-attr, arg-type]
        assert int(network.bn1.num_batches_tracked) == 0  # type: ignore[union-attr, arg-type]


def test_training_goes_on_in_the_new_form() -> None:
    module = build("conv3-4 pad=valid, relu, flatten, fc-classes", (1, 6, 6)).double()
    sliding = fully_convolutional(module, (1, 6, 6))
    batch = torch.randn(4, 1, 6, 6, dtype=torch.float64)
    for network in (module, sliding):
        network(batch).square().sum().backward()
    wanted = {name: parameter.grad for name, parameter in module.named_parameters()}
    for name, parameter in sliding.network.named_parameters():
        assert parameter.grad is not None
        torch.testing.assert_close(parameter.grad.flatten(), cast(Tensor, wanted[name]).flatten())


def test_it_can_be_taken_away() -> None:
    module = build("conv3-4 pad=valid, relu, maxpool2, flatten, fc-6, bn, relu, fc-classes", (1, 6, 6))
    check_ways_out(fully_convolutional(draw_statistics(module), (1, 6, 6)), torch.randn(2, 1, 9, 8))


def test_a_copy_has_its_attributes() -> None:
    twin = copy.deepcopy(fully_convolutional(build("conv3-4, flatten, fc-classes", (1, 5)), (1, 5)))
    assert isinstance(twin, SlidingWindow)
    assert (twin.window, twin.step, twin.exact, twin.why[:11]) == ((5,), (1,), False, "conv1 reads")


def test_what_windows_share_is_computed_once() -> None:
    module = build("conv5-8 pad=valid, relu, maxpool2, flatten, fc-classes", (1, 12, 12))
    sliding = fully_convolutional(module, (1, 12, 12))
    one = measure(module, (1, 12, 12)).multiplies
    assert measure(sliding, (1, 12, 12)).multiplies == one
    assert measure(sliding, (1, 30, 30)).multiplies < 100 * one / 4  # for 100 windows
