"""What a page checks itself by: the values in plain integers, the outputs by the module itself."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.nets.export.examples import Examples
from striate.nets.export.page.check import MOST_VALUES, make_check, scatter_values


def mix(place: int) -> int:
    """Place by place, in integers that never overflow."""
    return (place * 2654435761 + 0x9E3779B9) % 2**32


def test_values_are_those_of_plain_integers() -> None:
    found = scatter_values(5000)
    assert found.dtype == "float32"
    for place, value in enumerate(found.tolist()):
        assert value == pytest.approx(mix(place) / 2**31 - 1, abs=1e-7)


@pytest.mark.parametrize("symbols", [1, 2, 17, 300])
def test_whole_numbers_are_all_used_and_none_else(symbols: int) -> None:
    found = scatter_values(3000, symbols).tolist()
    assert found == [(mix(place) // 256) % symbols for place in range(3000)]
    assert set(found) == set(range(symbols))


def test_values_jump_about_between_the_bounds() -> None:
    values = scatter_values(4000)
    assert values.min() >= -1
    assert values.max() <= 1
    assert abs(float(values.mean())) < 0.01
    assert abs(float((values[1:] * values[:-1]).mean())) < 0.3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_outputs_are_the_modules_for_one_such_input(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(2, 3, 3), nn.Flatten(), nn.Linear(12, 4)).to(dtype).eval()
    found = make_check(net, Examples({0: torch.full((3, 2, 6), 9.0, dtype=dtype)}))
    x = torch.tensor([mix(place) / 2**31 - 1 for place in range(12)], dtype=dtype).reshape(1, 2, 6)
    assert found["symbols"] == 0
    assert found["outputs"] == [pytest.approx(net(x)[0].tolist(), rel=1e-6, abs=1e-7)]


def test_words_are_below_the_smallest_table() -> None:
    net = nn.Sequential(nn.Embedding(11, 3), nn.Flatten(), nn.Linear(12, 2)).eval()
    found = make_check(net, Examples({0: torch.zeros(2, 4, dtype=torch.int64)}))
    words = torch.tensor([[(mix(place) // 256) % 11 for place in range(4)]])
    assert found["symbols"] == 11
    assert found["outputs"] == [pytest.approx(net(words)[0].tolist(), rel=1e-6)]


class Several(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.repeat(1, 3000), torch.stack([x[0, 0] / 0, -x[0, 0] / 0, x[0, 0] * 0 / 0, x[0, 0]])


def test_long_outputs_are_cut_and_what_is_no_number_is_0() -> None:
    long, odd = make_check(Several(), Examples({0: torch.zeros(1, 2)}))["outputs"]
    assert len(long) == MOST_VALUES
    assert long[:2] == [pytest.approx(mix(place) / 2**31 - 1) for place in range(2)]
    assert odd == [0.0, 0.0, 0.0, pytest.approx(mix(0) / 2**31 - 1)]
