"""torch.export's own file: the graph and its weights, for PyTorch without the network's source."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from striate.nets.export.exported import Facts
from striate.nets.export.mode import quiet
from striate.nets.export.parity import measure_error
from striate.nets.export.subject import Subject, run


def write_program(subject: Subject, file: Path) -> Facts:
    """Write the program; `metadata.json` in the archive holds what is known of the network.

    Raises:  InputError where torch.export can't follow the module.
    """
    program = subject.program
    with quiet():
        torch.export.save(program, file, extra_files={"metadata.json": json.dumps(dict(subject.metadata))})
        module = program.module()
        error = measure_error((expected, run(module, feed)) for feed, expected in subject.expected)
    inputs, outputs = subject.list_ports()
    return Facts(inputs, outputs, relative_error=error)
