from __future__ import annotations

from collections import Counter
from importlib import import_module
from inspect import getmembers, isfunction
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from striate.measure.advice import ADVICE, advise, catalogue
from striate.measure.measurement import measure
from striate.measure.table import Table
from striate.nets import find_net, list_zoo
from striate.nets.build import make_module

# What is true of the classics, counted by hand: He's shortcuts jump over three cells of four; the first kernels of VGG
# and U-Net have 27 and 9 inputs for 64 filters; and a fully connected layer behind a large map holds most of a network.
KNOWN = {
    "cs231n": {"heavy-fc": 1},
    "lenet5": {},
    "mlp": {},
    "resnet18": {"pointwise-stride": 3, "field-past-input": 1},
    "resnet50": {"pointwise-stride": 3, "field-past-input": 1},
    "unet": {"dependent-filters": 1, "field-short-of-input": 1},
    "vgg11": {"dependent-filters": 1, "heavy-fc": 1},
}


def measure_zoo(name: str) -> Table:
    net = find_net(name)
    return measure(make_module(net, None, 10, device="meta"), net.input or (), 2)


@pytest.mark.parametrize("name", sorted(set(KNOWN) & set(list_zoo())))
def test_what_is_known_of_the_classics(name: str) -> None:
    assert Counter(finding.name for finding in advise(measure_zoo(name))) == Counter(KNOWN[name])


def test_every_kind_of_advice_is_in_the_catalogue() -> None:
    folder = Path(catalogue.__file__).parent
    modules = [import_module(f"striate.measure.advice.{file.stem}") for file in folder.glob("*.py")]
    finders = {
        function
        for module in modules
        for name, function in getmembers(module, isfunction)
        if name.startswith("find_") and list(function.__annotations__)[:1] == ["table"]
    }
    assert finders == set(ADVICE)
    assert len(ADVICE) == len(finders)


class Odd(nn.Module):
    """What a network may have beside convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 8, batch_first=True)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)

    def forward(self, input: Tensor) -> tuple[Tensor, Tensor]:
        hidden, (last, _) = self.lstm(input)
        mixed, weights = self.attention(hidden, hidden, hidden)
        return torch.einsum("ntc,nsc->nts", self.norm(mixed), hidden).softmax(-1), last[0] + weights.mean()


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (Odd(), (5, 8)),
        (nn.Linear(4, 3), (4,)),
        (nn.Embedding(10, 4), (4,)),
        (nn.Sequential(nn.Conv3d(2, 4, 3), nn.BatchNorm3d(4), nn.PReLU(), nn.Dropout3d()), (2, 5, 5, 5)),
        (nn.Sequential(nn.Conv1d(2, 4, 3, padding="same"), nn.GroupNorm(2, 4), nn.GLU(1)), (2, 9)),
        (nn.Sequential(nn.Unfold(3), nn.Fold(6, 3)), (2, 6, 6)),
        (nn.Sequential(nn.PixelShuffle(2), nn.ChannelShuffle(1), nn.ReflectionPad2d(1)), (4, 6, 6)),
        (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (5, 8)),
        (nn.Identity(), (3, 4, 4)),
    ],
)
def test_no_module_is_too_odd(module: nn.Module, shape: tuple[int, ...]) -> None:
    sample = torch.zeros(2, *shape, dtype=torch.int64) if isinstance(module, nn.Embedding) else shape
    for finding in advise(measure(module, sample, 2)):
        assert finding.reason
        assert finding.figure
        assert finding.remedy


def test_the_advice_is_quick() -> None:
    """A few walks over the trace: less time than the trace itself took."""
    from time import perf_counter

    table = measure_zoo("resnet50")
    start = perf_counter()
    advise(table)
    assert perf_counter() - start < 1
