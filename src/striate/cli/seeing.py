"""The commands that show what a network sees: explain, explore, filter, locate, spell; and studio, that shows all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from striate.cli.application import ClassesOption, InputOption, JsonOption, RunArgument, app
from striate.cli.explaining import Query, explain_files
from striate.cli.exploring import Wish, explore_run
from striate.cli.filtering import Sieve, filter_file
from striate.cli.locating import Search, locate_in_picture
from striate.cli.serving import open_studio
from striate.cli.spelling import Question, spell_network


@app.command("explain")
def _explain(
    run: RunArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="Pictures, or folders of them.")],
    method: Annotated[
        str, typer.Option("--method", metavar="NAME,...", help="How to explain: one method, or several with commas.")
    ] = "gradcam",
    target: Annotated[
        str | None, typer.Option("--target", metavar="CLASS", help="The class to ask about (left out: the likeliest).")
    ] = None,
    layer: Annotated[
        str | None, typer.Option(metavar="PATH", help="The layer to look at (left out: the last with extents).")
    ] = None,
    unit: Annotated[int | None, typer.Option(help="A unit (channel) of the layer, for deconvnet.")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Don't ask how far the maps can be trusted.")] = False,
    seed: Annotated[int, typer.Option(help="Everything random follows from it.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="html, png, svg or pdf by the suffix (left out: a page here)."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show where in each file the answer comes from, and how far to trust that."""
    explain_files(run, files, Query(method, target, layer, unit, fast, seed, out), json=json)


@app.command("explore")
def _explore(
    run: Annotated[Path | None, typer.Argument(metavar="RUN", help="A run folder.")] = None,
    view: Annotated[str | None, typer.Argument(metavar="VIEW", help="What to look at; --list names the views.")] = None,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES", help="Inputs to look at, where the view takes some.")
    ] = None,
    layer: Annotated[str | None, typer.Option(metavar="PATH", help="A layer, by its path in the module.")] = None,
    unit: Annotated[int | None, typer.Option(help="A unit (channel) of the layer.")] = None,
    beside: Annotated[
        list[Path] | None, typer.Option("--beside", metavar="RUN2", help="Another run to compare with.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", metavar="KEY=VALUE", help="The view's own option.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Everything random follows from it.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="png, svg or pdf by the suffix; maps of a sound also html."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the views.")] = False,
    json: JsonOption = False,
) -> None:
    """Look at a whole network: its kernels, its maps, what its units like, what its loss looks like."""
    wish = Wish(tuple(files or ()), layer, unit, tuple(beside or ()), tuple(option or ()), seed, out)
    explore_run(run, view, wish, listing=listing, json=json)


@app.command("filter")
def _filter(
    source: Annotated[Path, typer.Argument(metavar="IMAGE|SOUND", help="A picture, or a sound.")],
    kernel: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="blur, sharpen, emboss, edge, sobel-x, sobel-y or laplacian; numbers, such as [[0,1],[1,0]]; or a "
            "trained one, RUN:layer:unit. Several make a sheet.",
        ),
    ] = None,
    size: Annotated[int | None, typer.Option(help="The kernel's cells along each axis: 3, for blur 5.")] = None,
    pad: Annotated[
        str, typer.Option(help="What lies beyond the border: zero, reflect, replicate, circular, or valid (nothing).")
    ] = "zero",
    run: Annotated[Path | None, typer.Option(metavar="RUN", help="A run, whose layer is the filter.")] = None,
    layer: Annotated[str | None, typer.Option(metavar="PATH", help="The run's layer; its first convolution.")] = None,
    unit: Annotated[int | None, typer.Option(help="One unit of the layer, channel by channel.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The drawing: png, svg or pdf by the suffix.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save the filtered picture (.png) or sound (.wav) itself.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Slide a kernel over a picture or a sound: the classical filters, or a trained layer's own."""
    filter_file(source, Sieve(tuple(kernel or ()), size, pad, run, layer, unit, out, save), json=json)


@app.command("locate")
def _locate(
    run: RunArgument,
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture larger than the run's inputs.")],
    labels: Annotated[
        list[str] | None, typer.Option("--class", metavar="NAME", help="Tell of this class alone, or of these.")
    ] = None,
    background: Annotated[
        list[str] | None, typer.Option("--background", metavar="NAME", help="This class stands for nothing.")
    ] = None,
    scales: Annotated[
        list[float] | None,
        typer.Option("--scale", metavar="S", help="Look at the picture at this scale (2: for things half as large)."),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="How sure a window must be: 0.9, with a background class 0.5.")
    ] = None,
    dense: Annotated[
        bool | None, typer.Option("--dense/--crops", help="Slide the network itself, or cut every window out.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw it too: svg, png or pdf by the suffix.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Find where in a larger picture each class fires."""
    search = Search(tuple(labels or ()), tuple(background or ()), tuple(scales or ()), threshold, dense)
    locate_in_picture(run, image, search, plot, json=json)


@app.command("spell")
def _spell(
    network: Annotated[
        str,
        typer.Argument(
            metavar="NET|RUN", help="A run's folder, a zoo name, a .net file, the text, package.module:attr."
        ),
    ],
    layer: Annotated[
        str | None,
        typer.Argument(metavar="LAYER", help="A layer's path, or its place (left out: the layers are listed)."),
    ] = None,
    cell: Annotated[
        str | None, typer.Argument(metavar="CELL", help="Its channel and place, such as 3,0,12 (left out: the middle).")
    ] = None,
    what: Annotated[
        str, typer.Option("--on", metavar="FILE", help="What goes in: a file, digit:N of the bundled ones, or noise.")
    ] = "noise",
    input: InputOption = None,
    classes: ClassesOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Fresh weights and noise follow from it.")] = 0,
    most: Annotated[int, typer.Option(min=1, help="Print at most so many products.")] = 40,
    json: JsonOption = False,
) -> None:
    """Spell out the whole sum behind one cell of a layer: every product, the bias, what it comes to."""
    spell_network(network, Question(layer, cell, what, input, classes, seed, most), json=json)


@app.command("studio")
def _studio(
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="The folder with data and runs (left out: this one).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port on this machine (left out: one that is free).")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the link in the browser.")] = True,
) -> None:
    """Open the studio, a page in the browser; its link is printed and works once."""
    open_studio(path, port, browser=browser)
