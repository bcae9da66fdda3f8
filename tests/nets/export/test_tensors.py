from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open
from tests.nets.export.modules import make_convolution, make_subject
from torch import nn

from striate.nets.export.subject import Subject
from striate.nets.export.tensors import write_tensors


def test_the_state_and_what_is_known_come_back(tmp_path: Path) -> None:
    module = make_convolution()
    write_tensors(make_subject(module, 3, 4, 4, net="conv", classes="5"), tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt", "net": "conv", "classes": "5"}
        assert set(file.keys()) == set(module.state_dict())
        assert all(torch.equal(file.get_tensor(name), value) for name, value in module.state_dict().items())


def test_empty_tensors_and_parts_of_one_are_written(tmp_path: Path) -> None:
    module, whole = nn.Module(), torch.randn(6)
    for name, value in (("first", whole[:3]), ("all", whole), ("none", torch.empty(0)), ("no", torch.empty(0, 2))):
        module.register_buffer(name, value)
    write_tensors(Subject(module), tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", "pt") as file:
        assert torch.equal(file.get_tensor("first"), whole[:3])
        assert torch.equal(file.get_tensor("all"), whole)
        assert file.get_tensor("no").shape == (0, 2)
