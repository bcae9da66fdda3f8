"""Pages for the tests: written, opened in Chromium with the network cut off, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tests.nets.export.modules import make_subject
from torch import nn

from striate.nets.export.exported import Facts
from striate.nets.export.page.writing import write_page
from striate.nets.export.parity import measure_error


class Opened:
    """A page, what its console said, and what it asked of a network."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith("blob:"):  # a sound that the page made itself
            self.asked.append(url)

    def show(self, path: Path) -> None:
        """Open a file and wait until it has checked itself."""
        self.said.clear()
        self.asked.clear()
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("#check:not(:empty)", state="attached")
        assert self.said == []
        assert self.asked == [path.as_uri()]

    def run(self, values: NDArray[np.float32]) -> list[NDArray[np.generic]]:
        """The outputs for one input, by the page's own machine."""
        script = """async (given) => {
            const { machine, program } = striate, values = await machine.run(Float32Array.from(given));
            return program.outputs.map((id) => [values.get(id).shape, [...values.get(id).data].map(String)]);
        }"""
        made = self.page.evaluate(script, values.reshape(-1).tolist())
        return [np.array(list(map(float, cells)), np.float32).reshape(shape) for shape, cells in made]


def write(module: nn.Module, shape: Sequence[int], path: Path, **options: Any) -> Facts:
    """A module's page; running figures and biases that are not all alike."""
    return write_page(make_subject(stir(module), *shape, **options), path)


def stir(module: nn.Module) -> nn.Module:
    """Other running figures, scales and biases than those that a fresh module has."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, value in [*module.named_buffers(), *module.named_parameters()]:
            if value.is_floating_point() and value.dim() == 1:
                drawn = torch.rand(value.shape, generator=generator)
                value.copy_(drawn + 0.5 if "weight" in name or "var" in name else drawn - 0.5)
    return module.eval()


def compare(opened: Opened, module: nn.Module, path: Path, shape: Sequence[int], symbols: int = 0) -> float:
    """The relative error of the open page for an input that it has not seen."""
    generator = torch.Generator().manual_seed(11)
    drawn = torch.randn(1, *shape, generator=generator)
    if symbols:
        drawn = torch.randint(symbols, (1, *shape), generator=generator).float()
    opened.show(path)
    with torch.no_grad():
        made = module.eval()(drawn)
    expected = [each.numpy() for each in (made if isinstance(made, tuple | list) else [made])]
    return measure_error([(expected, opened.run(drawn.numpy()))])
