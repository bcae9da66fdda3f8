"""nets and show: what the zoo holds, and one network's text with its shapes and parameters."""

from __future__ import annotations

import json as json_format
import re

from rich.console import Console
from rich.table import Table

from striate.errors import InputError
from striate.nets import Net, Placed, find_net, list_layers, list_zoo, place, write_shape
from striate.nets.smallest import find_smallest_input

ZOO_CLASSES = 1000  # what `show` counts with where nothing is said: the number that papers give


def list_nets(*, json: bool) -> None:
    """Print the zoo: each network's name and the first line of its comment."""
    nets = {name: find_net(name) for name in list_zoo()}
    rows = {name: _find_title(net.text) for name, net in nets.items()}
    if json:
        print(json_format.dumps([{"name": name, "about": about} for name, about in rows.items()], indent=2))
        return
    width = max(map(len, rows))
    for name, about in rows.items():
        print(f"{name:<{width}}  {about}")


def _find_title(text: str) -> str:
    """The first line of a zoo file: what it is, by whom, and when."""
    return text.splitlines()[0].lstrip("# ")


def read_shape(text: str | None) -> tuple[int, ...] | None:
    """Read 3x224x224.

    Raises:  InputError for anything but whole numbers from 1 joined by x.

    >>> read_shape("1x8000")
    (1, 8000)
    """
    if text is None:
        return None
    if not re.fullmatch(r"[1-9]\d*(x[1-9]\d*)*", text) or len(text) > 100:
        raise InputError(f"--input {text}: needed channels x extents in whole numbers, such as 3x224x224. Write it so")
    return tuple(map(int, text.split("x")))


def show_net(name: str, input: str | None, classes: int | None, *, json: bool) -> None:
    """Print a network's text, and its layers' shapes and parameters where an input is known."""
    net, shape = find_net(name), read_shape(input)
    if classes is not None and classes < 1:
        raise InputError(f"--classes {classes}: needed a whole number from 1. Change it")
    if shape is None and net.input is None:
        _print_text(net, json=json)
        return
    count = classes if classes is not None else ZOO_CLASSES if "classes" in net.text else None
    placed = list(list_layers(place(net, shape, count)))
    smallest = find_smallest_input(net, count, input=shape)
    if json:
        _print_json(net, placed, smallest)
        return
    print(net.text.rstrip())
    print()
    _print_table(placed, shape or net.input or (), count, smallest)


def _print_text(net: Net, *, json: bool) -> None:
    if json:
        print(json_format.dumps({"net": net.text}, indent=2))
    else:
        print(net.text.rstrip())
        print("\nGive --input, such as --input 3x224x224, to see shapes and parameters.")


def _print_json(net: Net, placed: list[tuple[str, Placed]], smallest: tuple[int, ...] | None) -> None:
    rows = [
        {"name": name, "layer": row.text, "output": list(row.output), "parameters": row.parameters}
        for name, row in placed
    ]
    total = sum(row.parameters for _, row in placed)
    about = {"net": net.text, "layers": rows, "parameters": total, "smallest_input": smallest}
    print(json_format.dumps(about, indent=2))


def _print_table(
    placed: list[tuple[str, Placed]], shape: tuple[int, ...], classes: int | None, smallest: tuple[int, ...] | None
) -> None:
    total = f"{sum(row.parameters for _, row in placed):,}"
    widest = max((len(write_shape(row.output)) for _, row in placed), default=0)
    table = Table(box=None, pad_edge=False, show_footer=True)  # where it is narrow, names fold and figures never do
    table.add_column("name", "total", overflow="fold")
    table.add_column("layer", overflow="fold")
    table.add_column("output", justify="right", min_width=widest)
    table.add_column("parameters", total, justify="right", min_width=len(total))
    for name, row in placed:
        table.add_row(name, row.text, write_shape(row.output), f"{row.parameters:,}" if row.parameters else "")
    Console(highlight=False, markup=False, emoji=False).print(table)
    outputs = f", {classes} classes" if classes else ""
    least = f"; smallest {write_shape(smallest)}" if smallest else ""
    print(f"input {write_shape(shape)}{outputs}{least}; exact, by the shape rules in docs/notation.md")
