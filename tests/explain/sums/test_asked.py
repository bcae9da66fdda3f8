"""A question's numbers, the cells that it reads, and where they were moved from: against indices by hand."""

from __future__ import annotations

import numpy as np
import torch
from tests.explain.sums.asking import ask
from torch import Tensor, nn

from striate.explain.sums.asked import CELL, PADDING, place
from striate.explain.sums.weighed import spell_convolution

X = torch.randn(1, 2, 5, 4, generator=torch.Generator().manual_seed(0))


def test_a_pool_reads_the_cells_of_its_window_that_are_there() -> None:
    asked = ask(nn.MaxPool2d(3, 2, 1), X, 1, 0, 1)
    (read,) = asked.operation.inputs
    wanted = [(0, 1, y, x) for y in (-1, 0, 1) for x in (1, 2, 3) if y >= 0]
    assert asked.list_cells(read) == wanted
    assert asked.value == max(float(X[cell]) for cell in wanted)


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor([[[2.0]], [[3.0]]]))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.slope


def test_an_axis_of_one_cell_is_spread() -> None:
    asked = ask(Scaled(), X, 1, 4, 2)
    data, slope = asked.operation.arguments
    assert asked.spread(data) == (0, 1, 4, 2)
    assert asked.spread(slope) == (1, 0, 0)
    assert asked.read(slope, asked.spread(slope)) == 3
    step = asked.answer("a formula", 6.0)
    assert (step.name, step.cell, step.total, step.value) == ("mul", (0, 1, 4, 2), 6.0, float(X[0, 1, 4, 2] * 3))


def test_terms_stand_where_their_numbers_were_moved_from() -> None:
    module = nn.Sequential(nn.ReflectionPad2d(1), nn.ZeroPad2d((1, 0, 0, 0)), nn.Conv2d(2, 1, 2))
    asked = ask(module, X, 0, 0, 0)
    terms = spell_convolution(asked)[0].terms
    assert terms is not None
    assert terms.sources == ("input",)
    assert terms.states.tolist() == [PADDING, CELL, PADDING, CELL] * 2  # the first column is the zero pad's
    mirrored = {1: [0, 1, 1], 3: [0, 0, 1], 5: [1, 1, 1], 7: [1, 0, 1]}  # one row and column before 0 is 1
    assert {number: terms.places[number].tolist() for number in mirrored} == mirrored
    for number, cell in mirrored.items():
        assert terms.inputs[number] == float(X[(0, *cell)])


def test_cells_of_several_sources_are_told_apart() -> None:
    class Joined(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.last = nn.Conv2d(2, 1, 1), nn.Conv2d(3, 1, 1)

        def forward(self, x: Tensor) -> Tensor:
            joined: Tensor = self.last(torch.cat([x, self.conv(x)], 1))
            return joined

    asked = ask(Joined(), X, 0, 3, 1)
    read = next(iter(asked.operation.inputs))
    origin = asked.origin(read)
    numbers = origin.numbers[0, :, 3, 1]
    places, source, names = place(np.asarray(numbers), origin)
    assert [names[number] for number in source] == ["input", "input", "conv"]
    assert places.tolist() == [[0, 3, 1], [1, 3, 1], [0, 3, 1]]
