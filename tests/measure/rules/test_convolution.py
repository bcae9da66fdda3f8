from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.rules.counting import Scaled, count, find, list_names, run
from tests.measure.rules.support import check_reach
from torch import Tensor, nn

from striate.measure.operation import Operation, Value
from striate.measure.rules.convolution import ARGUMENTS, BACKWARD, RULES, find_windows

CONVOLUTIONS: Any = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED: Any = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def count_by_cells(layer: Any, shape: Sequence[int]) -> int:
    """One for every output cell, input channel of its group and tap of the kernel."""
    made = layer(torch.zeros(*shape))
    channels = range(layer.in_channels // layer.groups)
    total = 0
    for _cell in product(*map(range, made.shape)):
        for _channel in channels:
            for _tap in product(*map(range, layer.kernel_size)):
                total += 1
    return total


def count_by_inputs(layer: Any, shape: Sequence[int]) -> int:
    """One for every input cell, output channel of its group and tap of the kernel."""
    total = 0
    for _cell in product(*map(range, shape)):
        for _channel in range(layer.out_channels // layer.groups):
            for _tap in product(*map(range, layer.kernel_size)):
                total += 1
    return total


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("size", [3, 4])
@pytest.mark.parametrize("padding", [0, 2, "same", "valid"])
@pytest.mark.parametrize("options", [{}, {"groups": 2}, {"groups": 4}, {"dilation": 2}], ids=str)
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_convolution_is_counted_by_output_cells(axes: int, size: int, padding: Any, options: dict[str, int]) -> None:
    layer = CONVOLUTIONS[axes - 1](4, 4, (size, 3, 1)[:axes], padding=padding, **options)
    shape = (2, 4, *(7, 8, 5)[:axes])
    assert count(run(layer, shape)) == count_by_cells(layer, shape)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_transposed_convolution_is_counted_by_input_cells(axes: int, groups: int, stride: int) -> None:
    layer = TRANSPOSED[axes - 1](4, 6, 3, stride, padding=1, output_padding=stride - 1, groups=groups)
    shape = (2, 4, *(5, 4, 3)[:axes])
    assert count(run(layer, shape)) == count_by_inputs(layer, shape)


@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 2),
)
def test_ones_add_up_to_the_number_of_products(
    groups: int, outs: int, stride: int, pad: int, dilation: int, size: int, batch: int
) -> None:
    """With ones everywhere, padding too, each product is 1, so the output's sum is their number."""
    layer = nn.Conv2d(2 * groups, outs * groups, (size, 2), stride, pad, dilation, groups, bias=False)
    padded = torch.ones(batch, 2 * groups, 9 + 2 * pad, 8 + 2 * pad)
    summed = F.conv2d(padded, torch.ones_like(layer.weight), None, stride, 0, dilation, groups).sum()
    assert count(run(layer, (batch, 2 * groups, 9, 8))) == summed


def test_functional_calls_reuse_and_direct_forward_count_alike() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, value: Tensor) -> Tensor:
            value = self.layer(self.layer(value))
            value = self.layer.forward(value)
            return F.conv2d(value, self.layer.weight, padding=1)

    module = Odd()
    traced = run(module, (2, 3, 6, 5))
    assert count(traced) == 4 * count_by_cells(module.layer, (2, 3, 6, 5))
    assert len(traced.parameters) == 2


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_padding_modes_count_like_zeros(mode: Any) -> None:
    layers = [nn.Conv2d(3, 4, 3, padding=1, padding_mode=kind) for kind in (mode, "zeros")]
    assert len({count(run(layer, (2, 3, 6, 5))) for layer in layers}) == 1


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 6, 3),
        nn.Conv2d(4, 4, 3, groups=4),
        nn.Conv2d(4, 8, 3, groups=2, stride=2),
        nn.ConvTranspose2d(4, 6, 3, 2),
        nn.ConvTranspose2d(4, 4, 3, 2, groups=4),
    ],
    ids=str,
)
def test_backward_is_twice_the_forward_and_once_without_one_of_the_gradients(layer: nn.Module) -> None:
    shape = (2, 4, 7, 6)
    forward = count(run(layer, shape))
    assert count(run(layer, shape, backward=True), "backward") == forward
    scaled = Scaled(layer)
    assert count(run(scaled, shape, backward=True), "backward") == 2 * forward
    for parameter in layer.parameters():
        parameter.requires_grad_(False)
    assert count(run(scaled, shape, backward=True), "backward") == forward
    for parameter in layer.parameters():
        parameter.requires_grad_(True)


def test_the_gradients_of_the_input_end_at_the_first_layer_that_is_trained() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3), nn.Conv2d(5, 6, 3))
    shape = (2, 3, 9, 9)
    each = [count(run(module[: end + 1], shape)) - count(run(module[:end], shape)) for end in range(3)]
    assert count(run(module, shape, backward=True), "backward") == each[0] + 2 * each[1] + 2 * each[2]
    for parameter in module[:2].parameters():
        parameter.requires_grad_(False)
    assert count(run(module, shape, backward=True), "backward") == each[2]


KERNELS: Any = torch._C._nn
DIRECT: dict[str, Any] = {
    "_slow_conv2d_forward": (lambda x, w: KERNELS.thnn_conv2d(x, w, [3, 2], None, [2, 1], [1, 0]), nn.Conv2d, 2),
    "slow_conv3d_forward": (lambda x, w: KERNELS.slow_conv3d(x, w, [3, 2, 1]), nn.Conv3d, 3),
    "slow_conv_dilated2d": (lambda x, w: KERNELS.slow_conv_dilated2d(x, w, [3, 2]), nn.Conv2d, 2),
    "slow_conv_dilated3d": (lambda x, w: KERNELS.slow_conv_dilated3d(x, w, [3, 2, 1]), nn.Conv3d, 3),
    "slow_conv_transpose2d": (lambda x, w: KERNELS.slow_conv_transpose2d(x, w, [3, 2]), nn.ConvTranspose2d, 2),
    "slow_conv_transpose3d": (lambda x, w: KERNELS.slow_conv_transpose3d(x, w, [3, 2, 1]), nn.ConvTranspose3d, 3),
}


@pytest.mark.parametrize("name", DIRECT)
def test_kernels_called_by_name_count_as_the_layer_does(name: str) -> None:
    function, kind, axes = DIRECT[name]
    options = {"stride": (2, 1), "padding": (1, 0)} if name.startswith("_slow") else {}
    layer = kind(3, 4, (3, 2, 1)[:axes], bias=False, **options)
    shape, weight = (2, 3, *(6, 5, 4)[:axes]), tuple(layer.weight.shape)
    traced = run(function, shape, weight, backward=True)
    assert name in list_names(traced)
    assert count(traced) == count(run(layer, shape))
    assert count(traced, "backward") == 2 * count(traced)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_module_from_jit_counts_as_it_did_before() -> None:
    layer = nn.ConvTranspose2d(4, 6, 3, 2, padding=1, groups=2)
    shape = (2, 4, 5, 5)
    scripted = torch.jit.trace(layer, torch.zeros(shape))  # type: ignore[no-untyped-call]
    traced = run(scripted, shape)
    assert "_convolution" in list_names(traced)
    assert count(traced) == count(run(layer, shape))


@pytest.mark.parametrize(
    "layer", [nn.Conv1d(4, 4, 3, padding="same"), nn.Conv1d(4, 6, 4, groups=2), nn.ConvTranspose1d(4, 6, 3)], ids=str
)
def test_reach_equals_the_gradient_in_one_dimension(layer: nn.Module) -> None:
    check_reach(layer, (2, 4, 7))


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 4, 3, groups=4, padding=1),
        nn.Conv2d(2, 4, (2, 3), stride=(2, 1), padding=(0, 2), dilation=(2, 1)),
        nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, groups=2, dilation=2),
    ],
    ids=str,
)
def test_reach_equals_the_gradient_in_two_dimensions(layer: Any) -> None:
    check_reach(layer, (2, layer.in_channels, 5, 6))


def test_reach_of_time_first() -> None:
    check_reach(
        lambda x: torch.conv_tbc(x, torch.ones(3, 3, 4, dtype=x.dtype), torch.ones(4, dtype=x.dtype), 1), (6, 2, 3)
    )


def test_time_first_counts_as_channels_first_does() -> None:
    traced = run(lambda x, w, b: torch.conv_tbc(x, w, b, 2), (8, 2, 3), (3, 3, 5), (5,), backward=True)
    assert count(traced) == count(run(nn.Conv1d(3, 5, 3, padding=2), (2, 3, 8)))
    assert count(traced) < count(traced, "backward") <= 2 * count(traced)


def make_value(*shape: int) -> Value:
    return Value(shape, (), "float32", 4, 0)


def make_operation(name: str, arguments: Sequence[Any], *outputs: Value) -> Operation:
    return Operation(0, f"aten.{name}.default", tuple(arguments), {}, outputs, "", 0)


# What runs on CUDA alone: as torch's schema orders the arguments, and the layer that it stands for.
ELSEWHERE: dict[str, tuple[list[Any], Any]] = {
    "_conv_depthwise2d": ([[3, 3], None, [2, 2], [1, 1], [1, 1]], nn.Conv2d(4, 8, 3, 2, 1, groups=4)),
    "conv_depthwise3d": ([[3, 3, 3], None, [1, 1, 1], [1, 1, 1], [2, 2, 2]], nn.Conv3d(4, 4, 3, 1, 1, 2, groups=4)),
    "cudnn_convolution": ([[1, 1], [2, 1], [1, 2], 2, False, False, True], nn.Conv2d(4, 6, 3, (2, 1), 1, (1, 2), 2)),
    "cudnn_convolution_relu": ([None, [2, 1], [1, 1], [1, 2], 2], nn.Conv2d(4, 6, 3, (2, 1), 1, (1, 2), 2)),
    "cudnn_convolution_transpose": (
        [[1, 1], [0, 1], [1, 2], [1, 1], 2, False, False, True],
        nn.ConvTranspose2d(4, 6, 3, (1, 2), 1, (0, 1), groups=2),
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_kernels_of_cuda_read_their_arguments_in_their_own_order(name: str) -> None:
    rest, layer = ELSEWHERE[name]
    shape = (2, 4, *(7, 6, 5)[: len(layer.kernel_size)])
    plain = run(layer, shape).operations[0]
    operation = make_operation(name, [make_value(*shape), make_value(*layer.weight.shape), *rest], *plain.outputs)
    assert find_windows(operation) == find_windows(plain)
    rules = [find(each) for each in (operation, plain)]
    assert all(rule is not None and rule.multiplies is not None for rule in rules)
    assert RULES[name].multiplies(operation) == RULES["convolution"].multiplies(plain)  # type: ignore[misc]
    assert RULES[name].reach(operation, 0)[0][1] == RULES["convolution"].reach(plain, 0)[0][1]


def test_every_layout_is_torchs_own() -> None:
    """The arguments stand where the schema has them, by their names."""
    for name, names in {**ARGUMENTS, **BACKWARD}.items():
        packet = getattr(torch.ops.aten, name)
        overload = getattr(packet, "output_mask" if "output_mask" in packet.overloads() else "default")
        schema = [argument.name for argument in overload._schema.arguments]
        schema = ["input" if argument == "self" else argument for argument in schema]
        assert all(mine == torchs for mine, torchs in zip(names, schema, strict=False)), name


@pytest.mark.parametrize(("layer", "word"), [(nn.Conv2d(4, 4, 3), "conv"), (nn.Conv2d(4, 8, 3, groups=4), "depthwise")])
def test_words(layer: nn.Module, word: str) -> None:
    operation = run(layer, (2, 4, 5, 5)).operations[0]
    kind = RULES["convolution"].kind
    assert callable(kind)
    assert kind(operation) == word
