"""Every spelled-out sum against the module's own tensor, and its terms against autograd's derivatives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import striate
from striate.errors import InputError
from striate.explain.hooks import record
from striate.explain.sums import list_layers, play, spell_cell
from striate.explain.sums.spelled import GAP, Sum
from striate.layers.convolutions import make_convolution, make_transposed
from striate.layers.local import LocalConv
from striate.layers.table import TableConv

LIMIT = 1e-5
EXTENTS = {1: (9,), 2: (7, 6), 3: (5, 4, 6)}
MODES = ["zeros", "reflect", "replicate", "circular"]


def draw(channels: int, axes: int, seed: int = 0) -> Tensor:
    return torch.randn(1, channels, *EXTENTS[axes], generator=torch.Generator().manual_seed(seed))


def choose(shape: tuple[int, ...], count: int = 6) -> Iterator[tuple[int, ...]]:
    """Both corners and cells at random."""
    generator = np.random.default_rng(len(shape))
    yield (0,) * len(shape)
    yield tuple(extent - 1 for extent in shape)
    for _ in range(count):
        yield tuple(int(generator.integers(extent)) for extent in shape)


def check(module: nn.Module, x: Tensor, count: int = 6) -> list[Sum]:
    """The module's own output, by plain Python, against sums at some cells; the last layer is the module's."""
    with torch.no_grad():
        output = module(x)
    playing = play(module, x)
    layer = list_layers(playing.trace)[-1]
    found = []
    for cell in choose(tuple(output.shape[1:]), count):
        spelled = spell_cell(playing, layer.index, cell)
        wanted = float(output[(0, *cell)])
        scale = max(
            abs(wanted), float(np.abs(spelled.terms.products).sum()) if spelled.terms is not None else 0.0, 1e-3
        )
        assert abs(spelled.total - wanted) <= LIMIT * scale, (cell, spelled.total, wanted)
        assert spelled.value == wanted
        assert spelled.error <= LIMIT
        found.append(spelled)
    return found


def check_terms(module: nn.Module, x: Tensor, found: list[Sum]) -> None:
    """A derivative by an input cell is the sum of the weights that stand there, by a weight the input that it meets."""
    given = x.clone().requires_grad_()
    output = module(given)
    for spelled in found:
        terms = spelled.terms
        if terms is None:  # a cell that was filled in, beyond all that the kernel reaches
            assert [step.name for step in spelled.steps] == ["fill", "add"]
            continue
        assert terms.parameter is not None
        assert terms.weight_places is not None
        parameter = dict(module.named_parameters())[terms.parameter]
        by_input, by_weight = torch.autograd.grad(output[(0, *spelled.cell)], (given, parameter), retain_graph=True)
        inputs, weights = np.zeros(x.shape[1:]), np.zeros(parameter.shape)
        for number, place in enumerate(terms.places):
            if terms.states[number] == GAP:
                continue
            weights[tuple(terms.weight_places[number])] += terms.inputs[number]
            if place[0] >= 0:
                inputs[tuple(place)] += terms.weights[number]
                assert terms.inputs[number] == float(x[(0, *place)])
        assert np.allclose(inputs, by_input[0].numpy(), atol=1e-6)
        assert np.allclose(weights, by_weight.numpy(), atol=1e-6)
        assert np.isclose(terms.partial.sum(), terms.total)
        assert int(np.prod(terms.grid)) == len(terms.weights)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_convolution_with_groups_dilation_and_any_padding(axes: int, mode: str) -> None:
    torch.manual_seed(axes)
    pads = [(2, 1), (1, 2), (0, 1)][:axes]
    module = make_convolution(
        axes, 4, 6, 3, stride=2, pads=pads, dilation=(1, 2, 1)[:axes], groups=2, padding_mode=mode
    )
    x = draw(4, axes)
    check_terms(module, x, check(module, x))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", [nn.Conv1d, nn.Conv2d, nn.Conv3d])
def test_a_convolution_of_torch_s_own(kind: Any, mode: str) -> None:
    axes = {nn.Conv1d: 1, nn.Conv2d: 2, nn.Conv3d: 3}[kind]
    module = kind(2, 3, 3, padding=1, padding_mode=mode, bias=axes != 2)
    x = draw(2, axes)
    check_terms(module, x, check(module, x))


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_transposed_convolution(axes: int, groups: int) -> None:
    torch.manual_seed(axes)
    kind = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[axes - 1]
    module = kind(4, 6, 3, 2, padding=1, output_padding=1, groups=groups, dilation=2)
    x = draw(4, axes)
    check_terms(module, x, check(module, x))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_transposed_convolution_that_is_cut_unevenly(axes: int) -> None:
    module = make_transposed(axes, 2, 2, 4, stride=2, crops=[(0, 2), (1, -1), (3, 0)][:axes])
    x = draw(2, axes)
    found = check(module, x)
    check_terms(module, x, found)
    assert all(spelled.bias is not None for spelled in found)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_depthwise(axes: int) -> None:
    module = make_convolution(axes, 4, 8, 3, pads=[(1, 1)] * axes, groups=4)
    x = draw(4, axes)
    found = check(module, x)
    check_terms(module, x, found)
    assert {spelled.terms.grid[0] for spelled in found if spelled.terms is not None} == {1}


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_local_layer(axes: int) -> None:
    module = LocalConv(4, 6, EXTENTS[axes], 2, stride=2, pads=[(1, 0)] * axes, groups=2)
    nn.init.normal_(module.bias)  # type: ignore[arg-type]
    x = draw(4, axes)
    found = check(module, x)
    check_terms(module, x, found)
    assert {spelled.terms.grid for spelled in found if spelled.terms is not None} == {(2, *[2] * axes)}
    assert all(spelled.bias == module.bias[spelled.cell].item() for spelled in found if module.bias is not None)


@pytest.mark.parametrize("axes", [1, 2])
def test_a_table_of_connections(axes: int) -> None:
    module = TableConv(3, 4, [(0, 1), (0, 1, 2)], (3,) * axes, pads=[(1, 1)] * axes, padding_mode="circular")
    x = draw(3, axes)
    check_terms(module, x, check(module, x))


def test_what_padding_holds_is_counted() -> None:
    module = make_convolution(2, 1, 2, 3, pads=[(1, 1)] * 2, fill=2.5)
    x = draw(1, 2)
    corner = check(module, x)[0]
    assert corner.terms is not None
    assert corner.terms.inputs[0] == 2.5
    assert corner.terms.places[0].tolist() == [-1, -1, -1]
    assert (corner.terms.states == 1).sum() == 5


def test_dense_layers_and_symbols() -> None:
    dense = nn.Sequential(nn.Flatten(), nn.Linear(7 * 6 * 2, 5))
    x = draw(2, 2)
    check(dense, x)
    vectors = nn.Linear(6, 3, bias=False)
    check(vectors, x)
    layer = striate.build("embed7-4, gap, flatten, fc-2", input=(1, 5))
    words = torch.tensor([[[3.0, 0.0, 6.0, 2.0, 2.0]]])
    playing, vectors_of = play(layer, words), dict(layer.named_parameters())["embed1.weight"].detach()
    for channel, cell in ((0, 0), (3, 4)):
        spelled = spell_cell(playing, 0, (channel, cell))
        assert spelled.total == float(vectors_of[int(words[0, 0, cell]), channel])


POINTWISE: list[nn.Module] = [
    nn.ReLU(), nn.ReLU6(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Tanh(), nn.Sigmoid(), nn.LeakyReLU(0.1), nn.ELU(),
    nn.Softplus(2.0), nn.Hardswish(), nn.Mish(), nn.PReLU(4), nn.Softmax(1), nn.LogSoftmax(-1), nn.Hardtanh(-0.5, 0.7),
    nn.ReLU(inplace=True),
]  # fmt: skip


@pytest.mark.parametrize("module", POINTWISE, ids=lambda module: str(module)[:20])
def test_activations(module: nn.Module) -> None:
    x = draw(4, 2)
    check(module if not getattr(module, "inplace", False) else nn.Sequential(nn.Conv2d(4, 4, 1), module), x, 12)


NORMS: list[nn.Module] = [
    nn.BatchNorm2d(4), nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True), nn.LayerNorm(6), nn.LayerNorm([7, 6]),
    nn.LocalResponseNorm(3, alpha=0.5), nn.BatchNorm2d(4, track_running_stats=False),
]  # fmt: skip


@pytest.mark.parametrize("module", NORMS, ids=lambda module: str(module)[:28])
def test_norms(module: nn.Module) -> None:
    torch.manual_seed(0)
    for parameter in (*module.parameters(), *(each for each in module.buffers() if each.is_floating_point())):
        nn.init.uniform_(parameter.data, 0.5, 2)
    found = check(module.eval(), draw(4, 2))
    if isinstance(module, nn.BatchNorm2d) and module.track_running_stats:
        assert found[0].steps[-1].facts["mean"] == float(module.running_mean[0])  # type: ignore[index]


@pytest.mark.parametrize("text", ["lrn", "ln", "bn", "gn groups=2", "scale", "softmax", "maxout2", "kmaxpool3"])
def test_the_notation_s_own(text: str) -> None:
    check(striate.build(text, input=(4, 7, 6)).eval(), draw(4, 2))


POOLS = ["maxpool2", "maxpool3/2 pad=1", "maxpool3/2 pad=0:1 ceil=yes", "avgpool2", "avgpool3/2 pad=1", "gap", "gmp"]
POOLS += ["avgpool3/2 pad=1 count=no", "upsample2", "upsample2 mode=linear"]


@pytest.mark.parametrize("text", POOLS)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_pools_and_upsampling(text: str, axes: int) -> None:
    check(striate.build(text, input=(2, *EXTENTS[axes])), draw(2, axes))


@pytest.mark.parametrize("text", ["pixelshuffle2", "channelshuffle groups=2", "flatten", "crop1"])
def test_what_only_moves_numbers_says_so(text: str) -> None:
    for spelled in check(striate.build(text, input=(4, 7, 6)), draw(4, 2)):
        assert "moved" in spelled.formula


def test_a_max_pool_names_the_cell_that_won() -> None:
    x = draw(2, 2)
    for spelled in check(nn.MaxPool2d(3, 2, 1), x):
        place = [int(spelled.steps[-1].facts[f"at axis {axis}"]) for axis in range(3)]
        assert float(x[(0, *place)]) == spelled.value


def test_every_layer_of_a_network_with_skips() -> None:
    text = "conv3-4, bn, relu, add[conv3-4, bn | ], cat[ | maxpool2, conv3-4, deconv2-2/2], "
    text += "mul[ | gap, conv1-6, sigmoid], gap, flatten, fc-3"
    module, x = striate.build(text, input=(3, 8, 8)).eval(), torch.randn(1, 3, 8, 8)
    playing = play(module, x)
    wanted = record(module, x, [path for path, part in module.named_modules() if path and not list(part.children())])
    met = 0
    for layer in list_layers(playing.trace):
        for cell in choose(layer.shape, 3):
            spelled = spell_cell(playing, layer.index, cell)
            assert spelled.error <= LIMIT
            if layer.name in wanted:
                met += 1
                assert spelled.value == pytest.approx(float(wanted[layer.name][(0, *cell)]), rel=1e-5, abs=1e-6)
    assert met > 40


class ByHand(nn.Module):
    """A network in plain Python: functions, work in place, a layer used twice, a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.slope = nn.Conv1d(3, 3, 3, padding=1), nn.Parameter(torch.randn(3, 1))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.conv(F.pad(x, (1, 2), mode="reflect")))
        y = self.conv(y) * self.slope
        y.add_(1.5)
        y[:, :1] *= 2
        return F.avg_pool1d(torch.cat([y, y.flip(-1)], 1), 3, 2, 1)


def test_a_network_in_plain_python() -> None:
    module, x = ByHand(), draw(3, 1)
    check(module, x)
    playing = play(module, x)
    names = [layer.name for layer in list_layers(playing.trace)]
    assert {"conv", "conv#2", "relu"} <= set(names)
    for layer in list_layers(playing.trace):
        for cell in choose(layer.shape, 4):
            assert spell_cell(playing, layer.index, cell).error <= LIMIT, layer


@pytest.mark.parametrize(
    "module", [nn.LSTM(4, 3, batch_first=True), nn.TransformerEncoderLayer(6, 2, 8, batch_first=True)]
)
def test_what_cannot_be_spelled_says_why(module: nn.Module) -> None:
    x = torch.randn(1, 5, 4 if isinstance(module, nn.LSTM) else 6)
    playing = play(module.eval(), x)
    with pytest.raises(InputError, match=r"can't be spelled out cell by cell: it works out all its cells in one piece"):
        spell_cell(playing, 0, (0, 0))


def test_asking_for_what_there_is_not() -> None:
    playing = play(nn.Conv1d(1, 2, 3), torch.randn(1, 1, 9))
    with pytest.raises(InputError, match="layer: found no `head`, needed one of convolution"):
        spell_cell(playing, "head", (0, 0))
    for cell in ((2, 0), (0, 7), (0,), (-1, 0)):
        with pytest.raises(InputError, match=r"cell: found .*, needed one of layer convolution: 0 to 1, 0 to 6"):
            spell_cell(playing, 0, cell)
