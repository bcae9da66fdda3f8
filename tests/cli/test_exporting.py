"""The command as a user calls it: what is written and said, and one line where nothing can be written."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Call
from tests.verbs.draw import Finished

import striate
from striate.cli.exporting import write_exported
from striate.nets.export.exported import Exported

SOURCE = """
from torch import nn


class Net(nn.Module):
    def forward(self, x, *, mask):
        print("noise")
        return x * mask
"""


def test_a_run_is_exported_whole(call: Call, finished: Finished) -> None:
    pytest.importorskip("onnxscript")
    pytest.importorskip("onnxruntime")
    said = call("export", finished.run.path, "photos.onnx", "--whole")
    assert (said.code, said.err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in said.out.splitlines())
    assert lines["file"] == "photos.onnx"
    assert lines["format"].startswith("ONNX, opset ")
    assert lines["size"].startswith(f"{Path('photos.onnx').stat().st_size:,} bytes")
    assert (lines["input"], lines["output"]) == ("input Nx1x10x10", "output Nx3")
    assert lines["parity"].startswith("relative error ")


@pytest.mark.parametrize("suffix", ["pt2", "safetensors", "pt", "pth"])
def test_json_has_the_verbs_figures(call: Call, suffix: str) -> None:
    said = call("export", "lenet5", f"a.{suffix}", "--classes", 7, "--json")
    assert (said.code, said.err) == (0, "")
    expected = striate.export("lenet5", f"b.{suffix}", classes=7)
    found = json.loads(said.out)
    assert found["parameters"] == expected.parameters
    assert [found["inputs"], found["outputs"]] == json.loads(json.dumps([expected.inputs, expected.outputs]))
    assert found["path"] == f"a.{suffix}"
    assert Path(f"a.{suffix}").stat().st_size == found["bytes"]


def test_a_module_of_the_users_own(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    Path("mine_to_export.py").write_text(SOURCE)
    inputs = ["--input", "mask=1x6", "--input", "3x6"]
    said = call("export", "mine_to_export:Net", "a.pt2", *inputs)
    assert said.code == 0
    assert "noise" in said.err
    assert "noise" not in said.out
    assert "input       x Nx3x6\ninput       mask Nx1x6\noutput      output Nx3x6\n" in said.out


def test_a_file_that_is_there_is_written_over_when_asked(call: Call) -> None:
    Path("a.pt").write_text("mine")
    said = call("export", "lenet5", "a.pt", "--classes", 7)
    assert (said.code, said.out) == (2, "")
    assert "--overwrite" in said.err
    assert Path("a.pt").read_text() == "mine"
    assert call("export", "lenet5", "a.pt", "--classes", 7, "--overwrite").code == 0


WRONG = [
    ("", "RUN|NET"),
    ("lenet5", "PATH"),
    ("lenet5 a.tflite", ".onnx"),
    ("lenet5 a", "no suffix"),
    ("lenet5 nosuch/a.pt", "nosuch"),
    ("lenet55 a.pt", "lenet5"),
    ("lenet5 a.pt --classes 0", "--classes 0"),
    ("lenet5 a.pt --classes 7 --input 3by3", "--input 3by3"),
    ("lenet5 a.pt --classes 7 --input x=1x28x28", "needed one shape"),
    ("lenet5 a.pt --whole", "--whole"),
    ("lenet5 a.pt2 --whole --classes 7", "needed a run"),
    ("torch.nn:ReLU a.pt2", "found no input"),
    ("torch.nn:ReLU a.pt2 --classes 3", "classes=3"),
    ("nosuchpackage_:Net a.pt2", "nosuchpackage_"),
]


@pytest.mark.parametrize(("line", "part"), WRONG)
def test_a_wrong_call_gets_one_clear_line(call: Call, line: str, part: str) -> None:
    said = call("export", *shlex.split(line))
    assert (said.code, said.out) == (2, "")
    (complaint,) = said.err.splitlines()
    assert complaint.startswith("striate: ")
    assert part in complaint
    assert not list(Path.cwd().iterdir())


def make(error: float | None, note: str = "") -> str:
    path = Path("a.onnx")
    files = (path, Path("a.onnx.data"))
    return write_exported(
        Exported(relative_error=error, note=note, path=path, format="ONNX", bytes=9, parameters=8, files=files)
    )


def test_what_lies_beside_and_what_is_far_is_said() -> None:
    assert "beside      a.onnx.data" in make(None)
    assert "parity" not in make(None)
    assert make(None, "nothing was compared").endswith("parity      nothing was compared")
    assert make(1e-6).endswith("parity      relative error 1.0e-06 at batches 1 and 3")
    assert make(0.5).endswith("MORE than 1e-4, not what the module gives")
