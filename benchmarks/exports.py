"""Every network of the zoo in 1-D, 2-D and 3-D, taken out by torch.export, ONNX and torch.compile.

Claim: wherever a text can be placed, torch.export follows the module with a batch of any size, the ONNX file's outputs
in onnxruntime differ by at most 1e-4 of the largest (batches 1 and 3, traced with 2), and torch.compile takes it in one
piece (backend eager). Each network gets its smallest equal extents from 8 on and 2 classes. A row says `-` where the
text itself names its axes, and how large it is where it would take more than `--gib` of memory.

    python benchmarks/exports.py                      # all, an hour or so on two cores
    python benchmarks/exports.py lenet5 unet --axes 1 3 --json
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch

from striate.errors import InputError
from striate.measure import measure
from striate.nets import Net, find_net, list_layers, list_zoo, place, write_shape
from striate.nets.build import make_module
from striate.nets.export.examples import make_examples
from striate.nets.export.exported import TOLERANCE
from striate.nets.export.onnx_graph import write_onnx
from striate.nets.export.subject import Subject
from striate.nets.smallest import find_smallest_input

CLASSES, LEAST, ROWS = 2, 8, 3
COLUMNS = ("network", "axes", "input", "layers", "export seconds", "onnx seconds", "relative error", "compile seconds")
T = TypeVar("T")


def time_call(function: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def estimate_gib(net: Net, shape: tuple[int, ...]) -> float:
    """What it takes: one inference, as Striate measures it without taking memory, and the weights again in a file."""
    table = measure(make_module(net, shape, CLASSES, device="meta"), shape, ROWS, backward=False)
    return (table.inference_bytes + 4 * table.parameters) / 2**30


def make_subject(net: Net, shape: tuple[int, ...]) -> Subject:
    """The network with the first seed at which it gives more than zeros, as a relu at its end may."""
    for seed in range(20):
        module = make_module(net, shape, CLASSES, seed=seed).eval()
        subject = Subject(module, make_examples(module, shape))
        if subject.expected[-1][1][0].any():
            break
    return subject


def compile_module(subject: Subject) -> None:
    """Compile in one piece; the outputs must be the module's."""
    torch.compiler.reset()
    compiled = torch.compile(subject.module, backend="eager", fullgraph=True)
    (x,), _ = subject.expected[-1][0]
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), subject.module(x))


def take_out(name: str, axes: int, gib: float, folder: Path) -> dict[str, Any]:
    """One row of the table."""
    net = find_net(name)
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row.update({"network": name, "axes": axes})
    shape = find_smallest_input(net, CLASSES, axes, least=LEAST)
    if shape is None:
        return row
    row.update({"input": write_shape(shape), "layers": len(list(list_layers(place(net, shape, CLASSES))))})
    if (needed := estimate_gib(net, shape)) > gib:
        return {**row, "relative error": f"{needed:.1f} GiB"}
    subject = make_subject(net, shape)
    try:
        row["export seconds"], _ = time_call(lambda: subject.program)
        row["onnx seconds"], facts = time_call(lambda: write_onnx(subject, folder / "net.onnx"))
        row["relative error"] = facts.note if facts.relative_error is None else facts.relative_error
        row["compile seconds"], _ = time_call(lambda: compile_module(subject))
    except (InputError, AssertionError, RuntimeError) as problem:  # what the claim says doesn't come
        row["relative error"] = str(problem).strip().splitlines()[0]
    finally:
        for file in folder.iterdir():
            file.unlink()
    return row


def write_cell(value: Any) -> str:
    if value is None:
        return "-"
    return (f"{value:.1e}" if value < 0.01 else f"{value:.1f}") if isinstance(value, float) else str(value)


def judge(rows: list[dict[str, Any]]) -> str:
    """The claim in one line, and what speaks against it."""
    done = [row for row in rows if isinstance(row["relative error"], float) and row["compile seconds"] is not None]
    far = [row for row in done if not row["relative error"] <= TOLERANCE]
    left = [row for row in rows if row["input"] is None or str(row["relative error"]).endswith(" GiB")]
    failed = len(rows) - len(done) - len(left)
    worst = max((row["relative error"] for row in done), default=0.0)
    return f"{len(done)} taken out, the worst {worst:.1e}; {len(far)} too far, {failed} failed, {len(left)} left out"


def main() -> None:
    """Print a table, a row for each network and number of axes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", metavar="NAME", help="names of the zoo (left out: all)")
    parser.add_argument("--axes", type=int, nargs="+", default=[1, 2, 3], help="numbers of axes")
    parser.add_argument("--gib", type=float, default=2.0, help="leave out what takes more memory")
    parser.add_argument("--json", action="store_true", help="print the rows instead of the table")
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    if not given.json:
        print(f"| {' | '.join(COLUMNS)} |\n{'| --- ' * len(COLUMNS)}|")
    with tempfile.TemporaryDirectory() as folder:
        for name in given.networks or list_zoo():
            for axes in given.axes:
                rows.append(take_out(name, axes, given.gib, Path(folder)))
                if not given.json:
                    print(f"| {' | '.join(write_cell(rows[-1][column]) for column in COLUMNS)} |", flush=True)
    print(json.dumps(rows, indent=2) if given.json else f"\n{judge(rows)}")


if __name__ == "__main__":
    main()
