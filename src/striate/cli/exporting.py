"""export: what is written, where to, and how near its outputs are to the module's."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from striate.cli.options import read_inputs
from striate.cli.subjects import working
from striate.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from striate.nets.export import Exported


@dataclass(frozen=True)
class Order:
    """What is to be written, as it was said."""

    input: Sequence[str] = ()
    classes: int | None = None
    whole: bool = False
    half: bool = False
    overwrite: bool = False


def export_network(subject: str, path: Path, order: Order, *, json: bool) -> None:
    """Export, and print what was written."""
    from striate import verbs

    given = read_inputs(order.input)
    if order.classes is not None and order.classes < 1:
        raise InputError(f"--classes {order.classes}: needed a whole number from 1. Change it")
    with working("exporting"):
        exported = verbs.export(
            _find(subject),
            path,
            given,
            order.classes,
            whole=order.whole,
            half=order.half,
            overwrite=order.overwrite,
        )
    print(json_format.dumps(exported.to_dict(), indent=2) if json else write_exported(exported))


def _find(text: str) -> nn.Module | str:
    """A module of the user's own; anything else the verb finds."""
    from striate.verbs.modules import is_module_name, load_module

    return load_module(text) if is_module_name(text) and not Path(text).is_file() else text


def write_exported(exported: Exported) -> str:
    """Write what was exported, a line for each fact.

    >>> from striate.nets.export import Exported
    >>> path = Path("a.onnx")
    >>> ports = {"inputs": {"input": ("N", 1, 8, 8)}, "outputs": {"output": ("N", 10)}}
    >>> exported = Exported(path=path, format="ONNX", bytes=4810, parameters=1002, files=(path,), opset=18, **ports)
    >>> print(write_exported(exported))
    file        a.onnx
    format      ONNX, opset 18
    size        4,810 bytes, 1,002 parameters
    input       input Nx1x8x8
    output      output Nx10
    """
    opset = f", opset {exported.opset}" if exported.opset else ""
    beside = [f"beside      {file}" for file in exported.files if file != exported.path]
    inputs, outputs = (
        [f"{name} {'x'.join(map(str, shape))}".strip() for name, shape in ports.items()]
        for ports in (exported.inputs, exported.outputs)
    )
    lines = [
        f"file        {exported.path}",
        *beside,
        f"format      {exported.format}{opset}",
        f"size        {exported.bytes:,} bytes, {exported.parameters:,} parameters",
        *(f"input       {port}" for port in inputs),
        *(f"output      {port}" for port in outputs),
        *_write_parity(exported),
    ]
    return "\n".join(lines)


def _write_parity(exported: Exported) -> list[str]:
    if exported.relative_error is None:
        return [f"parity      {exported.note}"] if exported.note else []
    said = f"relative error {exported.relative_error:.1e} at batches 1 and 3"
    parity = f"parity      {said}" + ("" if exported.agrees else ": MORE than 1e-4, not what the module gives")
    return [parity, *[f"note        {exported.note}"] * bool(exported.note)]
