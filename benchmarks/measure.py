"""What measuring costs: time beside torchinfo, memory beside the module, growth with depth; and receptive fields known.

Claim, ResNet-50 at 224: the forward readings take at most 1.5 times torchinfo's time on the meta device, backward and
memory as well at most 4 times; both need less than 100 MiB beside the module; time grows in proportion to the number
of layers, from 50 to 5,000. Times are medians of rounds in which the ways take turns, so that a disturbance meets all
of them, with the least and the most; each section runs in a process of its own, on one thread. `time` needs torchinfo:
`pip install torchinfo`. How exact the counts are shows counts.py, how near the predicted memory comes, memory.py.

    python benchmarks/measure.py                  # every section
    python benchmarks/measure.py time growth --rounds 5 --json
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from striate.measure import Table, measure
from striate.nets import Net, find_net
from striate.nets.build import make_module

SHAPE = (3, 224, 224)
VGG16 = "[conv3-64, relu]*2, maxpool2, [conv3-128, relu]*2, maxpool2" + 3 * ", [conv3-256, relu]*3, maxpool2"
FIELDS = (("resnet18", "resnet18", 435), ("resnet50", "resnet50", 427), ("vgg16", VGG16, 212))


def make(text: str, shape: tuple[int, ...], device: str = "meta") -> nn.Module:
    net: Net = find_net(text)
    return make_module(net, shape, 10 if "classes" in net.text else None, device=device)


def compare_times(rounds: int) -> list[dict[str, Any]]:
    """ResNet-50 at 224 by torchinfo and by Striate, in turns."""
    torchinfo: Any = importlib.import_module("torchinfo")
    module = make("resnet50", SHAPE)
    ways: dict[str, Callable[[], Any]] = {
        "torchinfo": lambda: torchinfo.summary(module, input_size=(1, *SHAPE), device="meta", verbose=0),
        "Striate, forward readings": lambda: measure(module, SHAPE, backward=False),
        "Striate, backward and memory too": lambda: measure(module, SHAPE),
    }
    claims = {"Striate, forward readings": 1.5, "Striate, backward and memory too": 4.0}
    times = take_turns(ways, rounds)
    base = statistics.median(times["torchinfo"])
    return [
        {
            "ResNet-50 at 224, on meta": name,
            "median, ms": 1000 * statistics.median(each),
            "least to most, ms": f"{1000 * min(each):.0f} to {1000 * max(each):.0f}",
            "times torchinfo": statistics.median(each) / base,
            "claimed": f"<= {claims[name]}" if name in claims else "",
        }
        for name, each in times.items()
    ]


def take_turns(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way in each round, two rounds for warming up left out."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-2, rounds):
        for name, way in ways.items():
            gc.collect()
            start = time.perf_counter()
            way()
            if number >= 0:
                times[name].append(time.perf_counter() - start)
    return times


def compare_room(rounds: int) -> list[dict[str, Any]]:
    """What measuring takes beside the module: the process's peak above where it stood before."""
    tiny = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 2))
    large = make("resnet50", SHAPE, device="cpu")
    ways = (("a tiny network first: code that loads", tiny, (3, 8, 8)), ("ResNet-50 at 224 then", large, SHAPE))
    return [{"measuring": name, "above the module, MiB": weigh(module, shape) / 2**20} for name, module, shape in ways]


def weigh(module: nn.Module, shape: tuple[int, ...]) -> int:
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = read_status("VmRSS")
    measure(module, shape)
    return read_status("VmHWM") - before


def read_status(name: str) -> int:
    """A line of Linux's /proc/self/status, in bytes."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return 1024 * int(found[1]) if found else 0


def compare_depths(rounds: int) -> list[dict[str, Any]]:
    """Chains of 50 to 5,000 layers (a convolution and a ReLU in turns): seconds a layer."""
    depths = (50, 150, 500, 1500, 5000)
    chains = {depth: nn.Sequential(*(make_layer(i) for i in range(depth))) for depth in depths}
    ways = {str(depth): partial(measure, chain, (8, 16, 16)) for depth, chain in chains.items()}
    times = take_turns(ways, max(2, rounds // 5))
    base = statistics.median(times["50"]) / 50
    return [
        {
            "layers": int(depth),
            "median, s": statistics.median(each),
            "ms a layer": 1000 * statistics.median(each) / int(depth),
            "least to most, ms a layer": f"{1000 * min(each) / int(depth):.2f} to {1000 * max(each) / int(depth):.2f}",
            "times that of 50": statistics.median(each) / int(depth) / base,
        }
        for depth, each in times.items()
    ]


def make_layer(place: int) -> nn.Module:
    return nn.ReLU() if place % 2 else nn.Conv2d(8, 8, 3, padding=1, device="meta")


def compare_fields(rounds: int) -> list[dict[str, Any]]:
    """Receptive fields that are known from the literature, and one whose holes are."""
    rows: list[dict[str, Any]] = []
    for name, text, known in FIELDS:
        table = measure(make(text, SHAPE), SHAPE, backward=False)
        field = [row.field for row in table if row.field is not None and len(row.output) == 3][-1]
        rows.append({"receptive field of": f"{name}, last spatial layer", "known": known, "found": field.size[0]})
    table = measure(make("[conv3-4 dilation=2]*2", (1, 32, 32)), (1, 32, 32), backward=False)
    sight = table.field_at(-1, (16, 16))
    extent = {"receptive field of": "two 3x3 of dilation 2, extent", "known": 9, "found": sight.size[0]}
    cells = {"receptive field of": "two 3x3 of dilation 2, pixels touched", "known": 25, "found": sight.cells}
    return [*rows, extent, cells, time_sight(rounds)]


def time_sight(rounds: int) -> dict[str, Any]:
    """How long an exact answer takes: one cell of ResNet-50's last map."""
    table: Table = measure(make("resnet50", SHAPE), SHAPE, backward=False)
    last = max(place for place, row in enumerate(table) if row.output[1:] == (7, 7))
    times = take_turns({"sight": lambda: table.field_at(last, (3, 3))}, rounds)["sight"]
    return {
        "receptive field of": "one cell of resnet50, exactly: ms",
        "known": "",
        "found": 1000 * statistics.median(times),
    }


SECTIONS: dict[str, Callable[[int], list[dict[str, Any]]]] = {
    "time": compare_times,
    "room": compare_room,
    "growth": compare_depths,
    "fields": compare_fields,
}


def main() -> None:
    """Print a table a section, each from a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} (left out: all)")
    parser.add_argument("--rounds", type=int, default=15, help="how often each time is taken")
    parser.add_argument("--json", action="store_true", help="print the figures instead of tables")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if unknown := set(wanted.sections) - set(SECTIONS):
        parser.error(f"found {', '.join(sorted(unknown))}, needed some of {', '.join(SECTIONS)}")
    if wanted.here:
        torch.set_num_threads(1)
        print(json.dumps(SECTIONS[wanted.sections[0]](wanted.rounds)))
        return
    results = {name: run_apart(name, wanted.rounds) for name in wanted.sections or SECTIONS}
    if wanted.json:
        print(json.dumps(results, indent=2))
        return
    for rows in results.values():
        print(write_table(rows), end="\n\n")


def run_apart(name: str, rounds: int) -> list[dict[str, Any]]:
    command = [sys.executable, __file__, name, "--rounds", str(rounds), "--here"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def write_table(rows: list[dict[str, Any]]) -> str:
    lines = [rows[0], dict.fromkeys(rows[0], "---"), *rows]
    cells = [list(rows[0]), *([write_cell(value) for value in line.values()] for line in lines[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def write_cell(value: Any) -> str:
    return (
        f"{value:.3g}"
        if isinstance(value, float) and abs(value) < 1000
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )


if __name__ == "__main__":
    main()
