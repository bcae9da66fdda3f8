from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.nets.export.modules import Branching, make_convolution, make_subject
from torch import nn

from striate.errors import InputError
from striate.nets.export import onnx_graph
from striate.nets.export.catalogue import FORMATS
from striate.nets.export.subject import Subject
from striate.nets.export.writing import write


def test_all_formats_of_one_subject(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    module = make_convolution()
    subject = make_subject(module, 3, 4, 4)
    for suffix, form in FORMATS.items():
        exported = write(subject, tmp_path / f"a{suffix}")
        assert (exported.path, exported.format) == (tmp_path / f"a{suffix}", form.name)
        assert exported.files == (exported.path,)
        assert exported.bytes == exported.path.stat().st_size
        assert exported.parameters == sum(parameter.numel() for parameter in module.parameters())
        assert bool(exported.inputs) == bool(exported.outputs) == form.has_graph
        assert exported.agrees == (True if form.has_graph else None)
    assert {each.name for each in tmp_path.iterdir()} == {f"a{suffix}" for suffix in FORMATS}


def test_every_file_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(onnx_graph, "MOST_BYTES", 100)
    exported = write(make_subject(nn.Linear(200, 100), 200), tmp_path / "a.onnx")
    assert [file.name for file in exported.files] == ["a.onnx", "a.onnx.data"]
    assert exported.bytes == sum(file.stat().st_size for file in exported.files) >= 80_000
    with pytest.raises(InputError, match="is there already"):
        write(make_subject(nn.Linear(200, 100), 200), tmp_path / "a.onnx")


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write(make_subject(Branching(), 3), tmp_path / "a.pt2")
    assert not list(tmp_path.iterdir())


def test_weights_need_no_input(tmp_path: Path) -> None:
    exported = write(Subject(nn.Linear(2, 3)), tmp_path / "a.pth")
    assert torch.load(exported.path, weights_only=True)["bias"].shape == (3,)
