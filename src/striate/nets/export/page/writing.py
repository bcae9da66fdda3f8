"""A page into a file, read back and run by torch before it is handed on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.export import ExportedProgram, export

from striate.errors import InputError
from striate.nets.export.exported import Facts, Ports
from striate.nets.export.failure import explain_export
from striate.nets.export.mode import eval_mode, quiet
from striate.nets.export.page.check import make_check
from striate.nets.export.page.document import compose_page, read_page
from striate.nets.export.page.layers import list_layers
from striate.nets.export.page.listing import Listing, list_steps
from striate.nets.export.page.program import run_program, write_program
from striate.nets.export.page.telling import complete
from striate.nets.export.page.weights import from_text, pack, to_text, unpack
from striate.nets.export.parity import measure_error
from striate.nets.export.subject import Subject, to_array

LARGE_BYTES = 50 << 20


def write_page(subject: Subject, file: Path) -> Facts:
    """Write the page; its program and weights, as they stand in the file, are held against the module.

    Raises:  InputError, in one line, for several inputs, or an operation that the page's script lacks.
    """
    subject.expected  # noqa: B018 - what the module itself refuses is said in its own words
    module, examples = subject.module, subject.examples
    assert examples is not None
    with eval_mode(module):
        listing = list_steps(_export(subject))
        check = make_check(module, examples)
    names = subject.about.get("layers", {})
    places, content = pack(listing.constants, half=subject.half)
    program = write_program(listing, list_layers(listing, module, names), places)
    about = complete(subject, listing, check, len(content))
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(compose_page(about["title"], program, about, to_text(content)))
    error = _compare(subject, listing, file)
    return Facts(*_list_ports(listing), relative_error=error, note=_warn(file.stat().st_size, half=subject.half))


def _export(subject: Subject) -> ExportedProgram:
    """The module as a program for one input at a time."""
    assert subject.examples is not None
    arguments, keywords = subject.examples.take(1)
    if len(arguments) + len(keywords) != 1 or keywords:
        found = f"{type(subject.module).__name__}: found {len(arguments) + len(keywords)} inputs, or one by keyword"
        raise InputError(f"{found}, needed one that a page can ask for. Export a graph, as .onnx")
    try:
        with quiet():
            return export(subject.module, arguments, strict=False)
    except Exception as problem:  # whatever the module's own code makes torch raise
        raise explain_export(problem, subject.module) from None


def _compare(subject: Subject, listing: Listing, file: Path) -> float:
    """The relative error of what stands in the file, run row by row at the batches that are compared."""
    program, _, pieces = read_page(file.read_text("utf-8"))
    constants = unpack(program["constants"], from_text(pieces))
    pairs = []
    for (arguments, _), expected in subject.expected:
        given = arguments[0].detach().cpu()
        rows = given.float() if given.is_floating_point() else given
        with torch.no_grad():
            made = [[to_array(each) for each in run_program(program, listing, constants, row[None])] for row in rows]
        pairs.append((expected, [_join([row[place] for row in made]) for place in range(len(made[0]))]))
    return measure_error(pairs)


def _join(rows: list[NDArray[np.generic]]) -> NDArray[np.generic]:
    return np.concatenate(rows) if rows[0].ndim else rows[0]


def _list_ports(listing: Listing) -> tuple[Ports, Ports]:
    shapes = {number: shape for step in listing.steps for number, _, shape in step.outputs if number is not None}
    shapes[listing.input[0]] = listing.input[2]
    shapes |= {number: tuple(tensor.shape) for number, tensor in listing.constants.items()}
    names = [f"output{place}" for place, _ in enumerate(listing.outputs, 1)]
    names = ["output"] if len(names) == 1 else names
    return {"input": listing.input[2]}, {
        name: shapes[number] for name, number in zip(names, listing.outputs, strict=True)
    }


def _warn(size: int, *, half: bool) -> str:
    if size <= LARGE_BYTES:
        return ""
    way = "" if half else "; half=True (--half) writes the weights in 16 bits"
    return f"the page is {size / 2**20:,.0f} MB: browsers open it slowly{way}"
