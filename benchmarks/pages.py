"""Every network of the zoo as a page, run in Chromium: how far its outputs are from torch's, its size, its time.

Claim: on the axes that each text's own input has, the page's outputs for a random input differ
by at most 1e-4 of the largest from the module's. Each network gets its smallest equal extents from 8 on and 2 classes,
with `--input` those that are given. A row says how large it is where its weights would take more than `--mib`.

    python benchmarks/pages.py                                   # all, some ten minutes on two cores
    python benchmarks/pages.py lenet5 --input 1x28x28 --json
    python benchmarks/pages.py resnet18 mobilenetv2 --input 3x224x224 --classes 1000
    python benchmarks/pages.py resnet18 --input 3x224x224 --classes 1000 --half    # of weights in 16 bits
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import nn

import striate
from striate.errors import InputError
from striate.measure import measure
from striate.nets import find_net, list_zoo, write_shape
from striate.nets.build import make_module
from striate.nets.export.parity import measure_error
from striate.nets.smallest import find_smallest_input

LEAST, TURNS = 8, 5
COLUMNS = ("network", "input", "steps", "page bytes", "relative error", "median ms", "least ms")
SCRIPT = """async ([given, turns]) => {
    const { machine, program } = striate, values = Float32Array.from(given), times = [];
    let made = null;
    for (let turn = 0; turn < turns; turn++) {
        const start = performance.now();
        made = await machine.run(values);
        times.push(performance.now() - start);
    }
    return [program.outputs.map((id) => [...made.get(id).data]), times, program.steps.length];
}"""


def choose_shape(name: str, given: str | None, classes: int) -> tuple[int, ...]:
    """The input that was asked for, the text's own, or the smallest that it takes."""
    if given:
        return tuple(map(int, given.split("x")))
    found = find_smallest_input(find_net(name), classes, least=LEAST)
    if found is None:
        raise InputError(f"{name}: found no extents that it takes")
    return found


def judge(
    page: Any, name: str, shape: tuple[int, ...], classes: int, most: int, *, half: bool = False
) -> dict[str, Any]:
    """One row."""
    net = find_net(name)
    row: dict[str, Any] = {"network": name, "input": write_shape(shape)}
    table = measure(make_module(net, shape, classes, device="meta"), shape, 1, backward=False)
    if 4 * table.parameters > most << 20:
        return {**row, "page bytes": f"{4 * table.parameters / 2**20:,.0f} MiB of weights: left out"}
    module = make_module(net, shape, classes).eval()
    symbols: int = min((each.num_embeddings for each in module.modules() if isinstance(each, nn.Embedding)), default=0)
    drawn = torch.randint(symbols, (1, *shape)).float() if symbols else torch.randn(1, *shape)
    with tempfile.TemporaryDirectory() as folder:
        exported = striate.export(module, Path(folder) / "a.html", input=shape, half=half)
        page.goto(exported.path.as_uri(), timeout=300_000)
        page.wait_for_selector("#check:not(:empty)", state="attached", timeout=300_000)
        made, times, steps = page.evaluate(SCRIPT, [drawn.flatten().tolist(), TURNS])
    with torch.no_grad():
        expected = module(drawn).numpy()
    error = measure_error([([expected], [np.array(made[0], np.float32).reshape(expected.shape)])])
    figures = {"steps": steps, "page bytes": exported.bytes, "relative error": error}
    return {**row, **figures, "median ms": median(times), "least ms": min(times)}


def write_row(row: dict[str, Any]) -> str:
    """A row of the table."""
    forms = {"page bytes": "{:,}", "relative error": "{:.1e}", "median ms": "{:.1f}", "least ms": "{:.1f}"}
    cells = [row.get(name, "") for name in COLUMNS]
    written = [
        forms.get(name, "{}").format(cell) if not isinstance(cell, str) else cell
        for name, cell in zip(COLUMNS, cells, strict=True)
    ]
    return "| " + " | ".join(written) + " |"


def main() -> None:
    """Judge what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--input")
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--mib", type=int, default=100)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    torch.manual_seed(0)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(offline=True).new_page()
        print("| " + " | ".join(COLUMNS) + " |") if not asked.json else None
        for name in asked.networks or list_zoo():
            try:
                shape = choose_shape(name, asked.input, asked.classes)
                row = judge(page, name, shape, asked.classes, asked.mib, half=asked.half)
            except InputError as problem:
                row = {"network": name, "input": str(problem).splitlines()[0]}
            print(json.dumps(row) if asked.json else write_row(row), flush=True)


if __name__ == "__main__":
    main()
