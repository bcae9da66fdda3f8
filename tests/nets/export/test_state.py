from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from tests.nets.export.modules import make_convolution, make_subject
from torch import nn

from striate.errors import InputError
from striate.nets.export.state import gather_state, write_state
from striate.nets.export.subject import Subject


def test_the_state_comes_back_without_running_a_pickles_code(tmp_path: Path) -> None:
    module = make_convolution()
    write_state(make_subject(module, 3, 4, 4), tmp_path / "a.pt")
    state = torch.load(tmp_path / "a.pt", weights_only=True)
    assert list(state) == list(module.state_dict())
    assert all(torch.equal(state[name], value) for name, value in module.state_dict().items())
    assert state["0.weight"].data_ptr() == state["2.weight"].data_ptr()


def test_no_more_than_the_weights_is_written(tmp_path: Path) -> None:
    large = torch.randn(1000, 50)
    module = nn.Module()
    module.weight = nn.Parameter(large[3:5])
    module.turned = nn.Parameter(torch.randn(4, 6).T)
    write_state(Subject(module), tmp_path / "a.pt")
    assert (tmp_path / "a.pt").stat().st_size < 4000
    state = torch.load(tmp_path / "a.pt", weights_only=True)
    assert torch.equal(state["weight"], large[3:5])
    assert torch.equal(state["turned"], module.turned)


class Telling(nn.Linear):
    def get_extra_state(self) -> object:
        return {"told": pickle}

    def set_extra_state(self, state: object) -> None:
        pass


def test_what_is_no_weight_is_one_line() -> None:
    with pytest.raises(InputError, match="found dict in its state") as caught:
        gather_state(Telling(2, 2))
    assert "\n" not in str(caught.value)
