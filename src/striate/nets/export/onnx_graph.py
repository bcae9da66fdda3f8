"""ONNX: the graph in the form that other runtimes read, held against the module in onnxruntime."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from striate.errors import InputError
from striate.nets.export.exported import Facts
from striate.nets.export.failure import explain_conversion
from striate.nets.export.mode import quiet
from striate.nets.export.parity import measure_error
from striate.nets.export.subject import BATCH, Subject, to_array

OPSET = 18  # what torch writes without translating once more, and every runtime since 2023 reads
MOST_BYTES = 2**31 - 2**24  # a message of protobuf ends at 2 GiB; a larger network keeps its weights in a file beside


def write_onnx(subject: Subject, file: Path) -> Facts:
    """Write the graph, check it, and compare its outputs with the module's where onnxruntime is installed.

    Raises:  InputError where onnx isn't installed, or the network can't be written.
    """
    for package in ("onnx", "onnxscript"):
        if find_spec(package) is None:
            raise InputError(f"{file.name}: found no {package}, needed it to write ONNX. `pip install 'striate[onnx]'`")
    import onnx

    converted = _convert(subject)
    converted.model.metadata_props.update(subject.metadata)
    size = sum(value.numel() * value.element_size() for value in subject.module.state_dict().values())
    with quiet():
        converted.save(file, external_data=size > MOST_BYTES)
        onnx.checker.check_model(str(file))
    inputs, outputs = subject.list_ports()
    error, note = _compare(subject, file)
    return Facts(inputs, outputs, OPSET, error, note)


def _convert(subject: Subject) -> Any:
    """The program in torch.onnx's hands."""
    program = subject.program
    inputs, outputs = subject.list_ports()
    if len(outputs) != len(program.graph_signature.user_outputs):
        found = f"{type(subject.module).__name__}: found outputs that are no tensors, needed tensors alone"
        raise InputError(f"{found}. Leave the others out, or export a program, as .pt2")
    try:
        with quiet():
            return torch.onnx.export(
                program,
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_shapes=tuple({0: BATCH} for _ in inputs),
            )
    except Exception as problem:  # torch.onnx raises what its parts raise
        raise explain_conversion(problem, subject.module) from None


def _compare(subject: Subject, file: Path) -> tuple[float | None, str]:
    """The relative error, or why there is none."""
    if find_spec("onnxruntime") is None:
        return None, "onnxruntime isn't installed: nothing was compared"
    try:
        session = _open(file)
        pairs = []
        for (arguments, keywords), expected in subject.expected:
            feed = map(to_array, (*arguments, *keywords.values()))
            pairs.append((expected, _run(session, list(feed))))
    except Exception as problem:  # onnxruntime has a class for every fault, and kernels for a part of all types
        return None, f"onnxruntime can't run it: {str(problem).strip().splitlines()[0]}"
    return measure_error(pairs), ""


def _open(file: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _run(session: Any, feed: list[NDArray[np.generic]]) -> list[NDArray[np.generic]]:
    names = [port.name for port in session.get_inputs()]
    return list(session.run(None, dict(zip(names, feed, strict=True))))
