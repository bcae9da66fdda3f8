"""The commands about a network before it is trained: nets, show, measure; and export, that takes it away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from striate.cli.application import ClassesOption, InputOption, JsonOption, NetArgument, app
from striate.cli.exporting import Order, export_network
from striate.cli.measuring import Wishes, measure_network
from striate.cli.networks import list_nets, show_net
from striate.cli.subjects import Conditions


@app.command("nets")
def _nets(json: JsonOption = False) -> None:
    """List the zoo."""
    list_nets(json=json)


@app.command("show")
def _show(net: NetArgument, input: InputOption = None, classes: ClassesOption = None, json: JsonOption = False) -> None:
    """Show a network's text, and each layer's shape and parameters."""
    show_net(net, input, classes, json=json)


@app.command("measure")
def _measure(
    net: Annotated[str, typer.Argument(metavar="NET", help="A zoo name, a .net file, a text, or package.module:name.")],
    input: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="3x224x224", help="Channels x extents; one for each input, or KEYWORD=3x8x8."),
    ] = None,
    batch: Annotated[int, typer.Option(help="Samples at a time.")] = 1,
    classes: ClassesOption = None,
    forward: Annotated[bool, typer.Option("--forward", help="Leave out the backward pass and training.")] = False,
    optimizer: Annotated[str, typer.Option(help="What training keeps: sgd, momentum, adam or adamw.")] = "momentum",
    precision: Annotated[str, typer.Option(help="fp32, or bf16 for mixed precision.")] = "fp32",
    fits: Annotated[str | None, typer.Option(metavar="8GiB", help="Find the largest batch that fits.")] = None,
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="NAME:CELL", help="What a cell sees, such as conv3:5,7.")
    ] = None,
    advice: Annotated[bool, typer.Option(help="Say what could be better.")] = True,
    fix: Annotated[bool, typer.Option("--fix", help="Print the network's text, repaired.")] = False,
    diff: Annotated[str | None, typer.Option(metavar="OTHER", help="Say what changed from OTHER to NET.")] = None,
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the rows as comma-separated values.")] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw it too: svg, png or pdf by the suffix.")
    ] = None,
) -> None:
    """Measure what a network costs and sees, before it is trained."""
    conditions = Conditions(input or (), batch, classes, forward, optimizer, precision)
    measure_network(net, conditions, Wishes(fits, field or (), advice, fix, diff, json, csv, plot))


@app.command("export")
def _export(
    subject: Annotated[
        str, typer.Argument(metavar="RUN|NET", help="A run folder, a zoo name, a .net file, a text, or package:name.")
    ],
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The file to write: .onnx, .pt2, .html, .safetensors, .pt or .pth.")
    ],
    input: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="3x224x224", help="Channels x extents; one for each input, or KEYWORD=3x8x8."),
    ] = None,
    classes: ClassesOption = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Put a run's normalisation in front and the softmax behind.")
    ] = False,
    half: Annotated[bool, typer.Option("--half", help="Of a page: hold the weights in 16 bits.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a file that is there.")] = False,
    json: JsonOption = False,
) -> None:
    """Take a network away: as ONNX, as a PyTorch program, as a web page that runs it, or its weights alone."""
    export_network(subject, path, Order(input or (), classes, whole, half, overwrite), json=json)
