from __future__ import annotations

import json
from pathlib import Path

import torch
from tests.nets.export.modules import Drifting, make_convolution, make_subject

from striate.nets.export.program import write_program


def test_the_file_gives_what_the_module_gives_at_any_batch(tmp_path: Path) -> None:
    module = make_convolution()
    facts = write_program(make_subject(module, 3, 4, 4, net="conv"), tmp_path / "a.pt2")
    assert (facts.inputs, facts.outputs) == ({"input": ("N", 3, 4, 4)}, {"output": ("N", 5)})
    assert facts.relative_error is not None
    assert facts.relative_error <= 1e-5
    extra = {"metadata.json": ""}
    program = torch.export.load(tmp_path / "a.pt2", extra_files=extra).module()
    x = torch.randn(7, 3, 4, 4)
    torch.testing.assert_close(program(x), module.eval()(x))
    assert json.loads(extra["metadata.json"]) == {"net": "conv"}


def test_a_module_that_gives_something_else_each_time_is_far(tmp_path: Path) -> None:
    facts = write_program(make_subject(Drifting(), 3), tmp_path / "a.pt2")
    assert facts.relative_error is not None
    assert facts.relative_error > 0.1
