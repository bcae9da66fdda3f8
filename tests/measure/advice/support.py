"""Networks measured from their text, and the findings of one kind among all the advice on them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from striate.measure.advice import advise
from striate.measure.finding import Finding
from striate.measure.measurement import measure
from striate.measure.table import Table
from striate.nets import parse
from striate.nets.build import make_module

Shape = tuple[int, ...]


def make(text: str, input: Shape = (3, 16, 16), classes: int = 10) -> nn.Sequential:
    return make_module(parse(text), input, classes)


def measure_text(text: str, input: Shape = (3, 16, 16), batch: int = 2) -> Table:
    return measure(make(text, input), input, batch)


def find(name: str, text: str, input: Shape = (3, 16, 16)) -> list[Finding]:
    """The findings of one kind."""
    return [finding for finding in advise(measure_text(text, input)) if finding.name == name]


def find_in(name: str, module: nn.Module, input: Shape = (3, 16, 16)) -> list[Finding]:
    return [finding for finding in advise(measure(module, input, 2)) if finding.name == name]


def read_numbers(text: str) -> list[float]:
    """Every number of a sentence, thousands put together again."""
    words = text.replace(",", "").replace("x", " ").replace("=", " ").replace(":", " ").replace(";", " ").split()
    return [float(word) for word in words if word.replace(".", "").isdigit()]


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def find_support(module: nn.Module, input: Shape) -> Tensor:
    """Which cells of the input any output hangs on, found by the gradient of a sum with positive weights."""
    module = module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)
    image = torch.ones((1, *input), dtype=torch.float64, requires_grad=True)
    module(image).sum().backward()
    assert image.grad is not None
    return image.grad[0].sum(0) != 0


def split_axes(support: Tensor) -> list[Tensor]:
    """Axis by axis, which indices any seen cell has."""
    return [support.movedim(axis, 0).reshape(extent, -1).any(1) for axis, extent in enumerate(support.shape)]
