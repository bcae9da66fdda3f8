"""Sliding networks equal their crops run one by one, or say why not."""

from __future__ import annotations

import copy
from typing import cast

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from tests.nets.convert.crops import check_sliding, draw_statistics, run_crops
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
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


class HandWritten(nn.Module):
    """A network as people write them: functional calls, views, sizes asked for on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 8, 5)
        self.fc1 = nn.Linear(8 * 5 * 5, 20)
        self.norm = nn.BatchNorm1d(20)
        self.fc2 = nn.Linear(20, 7)
        self.shift = nn.Parameter(torch.randn(7))

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.norm(self.fc1(x))), training=self.training)
        return F.log_softmax(self.fc2(x) + self.shift, dim=1)


class Sounds(nn.Module):
    """M5's way of ending: a functional pool as long as what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 4, kernel_size=8, stride=4)
        self.bn1 = nn.BatchNorm1d(4)
        self.conv2 = nn.Conv1d(4, 6, kernel_size=3)
        self.fc1 = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool1d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.relu(self.conv2(x))
        x = F.avg_pool1d(x, x.shape[-1])
        return cast(Tensor, self.fc1(x.squeeze(-1)))


class Volume(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv3d(2, 4, 2), nn.ReLU(inplace=True), nn.MaxPool3d((1, 2, 2)))
        self.head = nn.Sequential(nn.Dropout(), nn.Linear(4, 3))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        return cast(Tensor, self.head(torch.mean(x, dim=(2, 3, 4)) + torch.amax(x, (2, 3, 4))))


class Branching(nn.Module):
    """Parts of the channels, concatenated features, an adaptive pool that divides, shared layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, bias=False)
        self.scale = nn.Parameter(torch.rand(1, 8, 1, 1))
        self.pool = nn.AdaptiveMaxPool2d((2, None))
        self.fc = nn.Linear(4 * 2 * 4 + 4 * 2 * 2, 6)
        self.fc2 = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        left, right = torch.chunk(self.conv(x) * self.scale, 2, dim=1)
        left = torch.flatten(self.pool(left), 1)
        right = torch.flatten(F.avg_pool2d(right, 2), start_dim=1)
        y = self.fc(torch.cat([left, F.relu(right)], 1))
        return cast(Tensor, y + self.fc2(self.fc2(y)) / 2)


@pytest.mark.parametrize(
    ("module", "input", "extents", "step"),
    [
        (HandWritten(), (3, 32, 32), (41, 38), 4),
        (Sounds(), (1, 80), (113,), 8),
        (Volume(), (2, 3, 5, 5), (4, 8, 7), (1, 2, 2)),
        (Branching(), (1, 6, 6), (10, 9), (2, 2)),
    ],
)
def test_hand_written_modules(
    module: nn.Module, input: tuple[int, ...], extents: tuple[int, ...], step: int | tuple[int, ...]
) -> None:
    check_sliding(module, input, extents, step)


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


class Gate(nn.Module):
    """Squeeze and excitation."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x.mean((2, 3), keepdim=True))


class Place(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.randn(1, 1, 6, 6))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.place


class Choosing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) if x.sum() > 0 else x.flatten(1) * 2


class Turned(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)


class Two(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.flatten(1), x


def behind(part: nn.Module) -> nn.Module:
    return nn.Sequential(part, nn.Flatten(), nn.Linear(36, 2))


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (behind(Gate()), r"0 \(mul\): brings 1x6x6 and 1x1x1 together.*squeeze and excitation"),
        (behind(Place()), r"0 \(add\): has numbers of 1x1x6x6, one for each place"),
        (nn.Sequential(Choosing()), r"Sequential: torch.fx can't trace it \(TraceError: .*crops one by one"),
        (nn.Sequential(Turned()), r"0 \(permute\): isn't known to slide"),
        (Two(), "Two: gives several outputs"),
        (nn.Sequential(Turned(), nn.Unflatten(1, (1, 6, 6))), "Sequential: gives a map of 1x6x6 already"),
        (nn.Conv2d(1, 2, 3), "Conv2d: gives a map of 2x4x4 already.*as it is"),
        (behind(nn.GroupNorm(1, 1)), r"0 \(GroupNorm\): normalises by what the whole map holds"),
        (behind(nn.LayerNorm([1, 6, 6])), r"0 \(LayerNorm\): normalises by what the whole map holds"),
        (behind(nn.LayerNorm(6)), r"0 \(LayerNorm\): normalises"),
        (behind(nn.Linear(6, 6)), r"0 \(Linear\): works along the last axis of a map, .*Flatten the map before it"),
        (behind(nn.Softmax(-1)), r"0 \(Softmax\): runs along an axis of the map"),
        (nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten()), r"0 \(AdaptiveAvgPool2d\): pools 6 cells to 4"),
        (nn.Sequential(nn.Flatten(2), nn.LSTM(36, 4)), r"1 \(LSTM\): goes from cell to cell"),
        (nn.Sequential(nn.Flatten(2), nn.TransformerEncoderLayer(36, 4)), "isn't known to slide|can't take an input"),
        (nn.Sequential(nn.Flatten(), nn.Linear(35, 2)), r"Sequential: can't take an input of 1x6x6 \("),
        (nn.Sequential(nn.Upsample(scale_factor=1.5), nn.Flatten()), r"0 \(Upsample\): resizes by what isn't a whole"),
        (nn.Sequential(nn.FractionalMaxPool2d(2, 3), nn.Flatten()), r"0 \(FractionalMaxPool2d\): isn't known to slide"),
    ],
)
def test_what_can_not_slide_says_where_and_what_else_to_do(module: nn.Module, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        fully_convolutional(module.eval(), (1, 6, 6))
    assert "\n" not in str(caught.value)


def test_strange_inputs() -> None:
    module = build("conv3-4 pad=valid, flatten, fc-classes", (1, 6, 6))
    for shape in ((1,), (1, 0, 3), ("a", 2)):
        with pytest.raises(InputError, match=r"needed channels x extents, such as \(3, 224, 224\)"):
            fully_convolutional(module, shape)  # type: ignore[arg-type]
    sliding = fully_convolutional(module, (1, 6, 6))
    for small in (torch.zeros(1, 1, 5, 6), torch.zeros(1, 6, 6)):
        with pytest.raises(ShapeError, match="with extents from 6x6"):
            sliding(small)
