"""Tables made by hand, for what only reads them: each figure is what the test says, whatever measuring finds."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from striate.measure.fields import ReceptiveField
from striate.measure.ledger import Ledger
from striate.measure.memory import Memory
from striate.measure.row import Row
from striate.measure.table import Table
from striate.measure.trace import Trace

Figures = tuple[str, str, tuple[int, ...], int, int, int]
"""Name, kind, output, parameters, multiplies, and the field's size (0: the whole input)."""


def make_row(index: int, figures: Figures, **others: Any) -> Row:
    name, kind, output, parameters, multiplies, size = figures
    field = ReceptiveField((size,) * 2, (Fraction(2),) * 2, (-1,) * 2) if size else None
    weighted = bool(parameters)
    given = {
        "backward_multiplies": 2 * multiplies,
        "saved_bytes": 4 * prod(output) if weighted else 0,
        "connected_parameters": 1000 * parameters if kind == "conv" else None,
        "connected_multiplies": 100 * multiplies if kind == "conv" else None,
        "unshared_parameters": 10 * parameters if kind == "conv" else None,
        "depth": index + 1,
        **others,
    }
    return Row(
        index=index,
        last=index,
        name=name,
        kind=kind,
        output=output,
        parameters=parameters,
        multiplies=multiplies,
        output_bytes=4 * prod(output),
        field=field,
        **given,
    )


def make_trace(paths: list[str]) -> Trace:
    """A trace that knows its modules alone."""
    modules = dict.fromkeys(paths, "Module")
    return Trace([], [], [], [], {}, frozenset(), modules, Ledger(), 1, "train")


def make_memory(start: int, at: str = "conv1", settings: str = "") -> Memory:
    parameters, buffers, inputs, gradients, optimizer, activations, scratch = (start + 1000 * n for n in range(7))
    return Memory(parameters, buffers, inputs, gradients, optimizer, activations, scratch, at, settings)


def make_table(rows: list[Row], **others: Any) -> Table:
    paths = {row.name for row in rows}
    parents = {path.rpartition(".")[0] for path in paths}
    given = {
        "network": "drawn",
        "mode": "train",
        "precision": "fp32",
        "input": ((3, 32, 32),),
        "batch": 1,
        "inference_multiplies": sum(row.multiplies for row in rows),
        "inference": make_memory(4096),
        "training": make_memory(123456, at="fc", settings="momentum"),
        "trace": make_trace(sorted(paths | parents)),
        **others,
    }
    return Table(rows=tuple(rows), **given)


SMALL: list[Figures] = [
    ("conv1", "conv", (8, 16, 16), 224, 55_296, 3),
    ("relu", "relu", (8, 16, 16), 0, 0, 3),
    ("pool", "maxpool", (8, 8, 8), 0, 0, 5),
    ("fc", "fc", (10,), 5_130, 5_120, 0),
]
DEEP: list[Figures] = [
    ("stem.conv1", "conv", (64, 112, 112), 9_408, 118_013_952, 7),
    ("stem.bn1", "bn", (64, 112, 112), 128, 0, 7),
    ("layer1.0.conv1", "conv", (64, 56, 56), 36_864, 115_605_504, 19),
    ("layer1.0.downsample.0", "conv", (256, 56, 56), 16_384, 51_380_224, 11),
    ("layer1.0.a_module_with_a_very_long_name", "relu", (256, 56, 56), 0, 0, 19),
    ("layer1.0", "add", (256, 56, 56), 0, 0, 19),
    ("layer1.1.conv1", "conv", (64, 56, 56), 36_864, 115_605_504, 35),
    ("layer1.1", "add", (256, 56, 56), 0, 0, 35),
    ("fc", "fc", (1000,), 2_049_000, 2_048_000, 0),
    ("", "mul", (1000,), 0, 0, 0),
]


def draw_small(**others: Any) -> Table:
    return make_table([make_row(index, figures) for index, figures in enumerate(SMALL)], **others)


def draw_deep(**others: Any) -> Table:
    """Names that don't fit beside the figures, a view, a row that is partial, and parameters that are never used."""
    rows = [make_row(index, figures) for index, figures in enumerate(DEEP)]
    rows.insert(8, make_row(8, ("flatten", "flatten", (2048,), 0, 0, 0), is_view=True))
    rows.insert(4, make_row(8, ("layer1.0", "view", (256, 56, 56), 0, 0, 0), is_view=True))
    rows.append(make_row(11, ("head.sort", "sort", (1000,), 0, 0, 0), status="partial: aten.sort has no rule"))
    rows.append(make_row(-1, ("aux.fc", "unused", (), 77, 0, 0)))
    return make_table(rows, input=((3, 224, 224), (10,)), batch=1, notes=("aux was never called",), **others)
