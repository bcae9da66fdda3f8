"""Whether a layer can be taken away: exported, compiled, traced, copied and measured, with the same outputs."""

from __future__ import annotations

import copy
import logging
import warnings

import numpy as np
import pytest
import torch
from torch import Tensor, fx, nn

from striate.measure import measure


def check_ways_out(module: nn.Module, input: Tensor, *, onnx: bool = True) -> None:
    """Take a module out by every way; each must give what the module gives, at another batch too."""
    module = module.eval()
    batch, more = torch.cat([input, input])[:2], torch.cat([input, input.flip(0), input])[:3]
    with torch.no_grad():
        expected = module(more)
        for way in (
            copy.deepcopy(module),
            fx.symbolic_trace(module),
            torch.compile(module, backend="eager", fullgraph=True),
        ):
            torch.testing.assert_close(way(more), expected)
        program = export(module, batch)
        torch.testing.assert_close(program.module()(more), expected)
    if onnx:
        found = run_onnx(program, batch, more)
        scale = float(expected.abs().max()) or 1.0
        assert np.abs(found - expected.numpy()).max() <= 1e-4 * scale
    table = measure(module, input=tuple(input.shape[1:]))
    assert [row.status for row in table.rows if row.status != "exact"] == []
    assert table.parameters == sum(parameter.numel() for parameter in module.parameters())


def export(module: nn.Module, batch: Tensor) -> torch.export.ExportedProgram:
    """Export with a batch of any size."""
    return torch.export.export(module, (batch,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},), strict=False)


def run_onnx(program: torch.export.ExportedProgram, batch: Tensor, more: Tensor) -> np.ndarray:
    """Convert a program to ONNX and run it on another batch."""
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            converted = torch.onnx.export(program, (batch,), dynamo=True, verbose=False)
            assert converted is not None
    finally:
        logging.disable(level)
    session = runtime.InferenceSession(converted.model_proto.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: more.numpy()})
    return np.asarray(found)
