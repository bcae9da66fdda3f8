"""Every command's arguments; what a wrong call prints; and the exit codes.

0 is success, 2 the user's input (one clear line on stderr, no traceback), 1 a fault of ours, 130 a stop by the user.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from striate.cli import engines
from striate.cli.exporting import Order, export_network
from striate.cli.locating import Search, locate_in_picture
from striate.cli.measuring import Wishes, measure_network
from striate.cli.networks import list_nets, show_net
from striate.cli.ranks import attended, describe_stop, leave, may_speak
from striate.cli.scoring import evaluate_run, predict_files
from striate.cli.subjects import Conditions
from striate.cli.training import report_run, train_network
from striate.cli.waiting import limit_spinning
from striate.errors import InputError, Stopped
from striate.version import __version__

STOPPED = 130  # as shells report a program that Ctrl-C ended
UsageError: Any = typer.BadParameter.__mro__[1]  # typer shows the class of all wrong calls by its heirs alone

app = typer.Typer(
    name="striate",
    help="The workbench for convolutional networks.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

NetArgument = Annotated[str, typer.Argument(metavar="NET", help="A zoo name, a .net file, or the text itself.")]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable output.")]
InputOption = Annotated[
    str | None, typer.Option("--input", metavar="3x224x224", help="Channels x extents; for train: resize the samples.")
]
ClassesOption = Annotated[int | None, typer.Option("--classes", help="The number of outputs.")]


@app.callback(invoke_without_command=True)
def _begin(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        print(f"striate {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


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


@app.command("train")
def _train(
    net: Annotated[str | None, typer.Argument(metavar="NET", help="A zoo name, a .net file, a text, or auto.")] = None,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="A folder, an archive, or a name: digits, mnist ...")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="RUN", help="The run folder to make (left out: below runs/).")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Everything random follows from it (0 where left out).")] = None,
    epochs: Annotated[int | None, typer.Option(help="How often each sample is seen.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many batches are seen.")] = None,
    minutes: Annotated[float | None, typer.Option(help="How long to train.")] = None,
    until: Annotated[
        float | None, typer.Option(metavar="ACC", help="Stop at this validation accuracy, such as 0.99.")
    ] = None,
    batch: Annotated[int | None, typer.Option(help="Samples per step.")] = None,
    lr: Annotated[float | None, typer.Option(help="The highest learning rate.")] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help="How to train: default, fast, muon or quick.")
    ] = None,
    balance: Annotated[
        str | None,
        typer.Option(metavar="WAY", help="Classes of uneven size: weights (of the loss) or sampling (evenly)."),
    ] = None,
    input: InputOption = None,
    precision: engines.PrecisionOption = None,
    layout: engines.LayoutOption = None,
    threads: engines.ThreadsOption = None,
    compile: engines.CompileOption = None,
    probe: engines.ProbeOption = None,
    resume: Annotated[Path | None, typer.Option("--resume", metavar="RUN", help="Go on with a run.")] = None,
    json: JsonOption = False,
) -> None:
    """Train a network on data, score it, and write a run folder with its report."""
    options = {
        "out": out,
        "seed": seed,
        "epochs": epochs,
        "steps": steps,
        "minutes": minutes,
        "until": until,
        "batch": batch,
        "lr": lr,
        "balance": balance,
        "recipe": recipe,
        "input": input,
        "precision": precision,
        "layout": layout,
        "threads": threads,
        "compile": compile,
        "probe": probe,
    }
    train_network(net, data, resume, options, json=json)


@app.command("evaluate")
def _evaluate(
    run: RunArgument,
    data: Annotated[str, typer.Argument(metavar="DATA", help="A folder, an archive, or a name.")],
    engine: engines.EngineOption = "auto",
    precision: engines.PrecisionOption = None,
    layout: engines.LayoutOption = None,
    threads: engines.ThreadsOption = None,
    json: JsonOption = False,
) -> None:
    """Score a run on data that it was not trained on."""
    chosen = {"engine": engine, "precision": precision, "layout": layout, "threads": threads}
    evaluate_run(run, data, chosen, json=json)


@app.command("predict")
def _predict(
    run: RunArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="Pictures, or folders of them.")],
    engine: engines.EngineOption = "auto",
    precision: engines.PrecisionOption = None,
    layout: engines.LayoutOption = None,
    threads: engines.ThreadsOption = None,
    json: JsonOption = False,
) -> None:
    """Say what files show, and how surely."""
    chosen = {"engine": engine, "precision": precision, "layout": layout, "threads": threads}
    predict_files(run, files, chosen, json=json)


@app.command("export")
def _export(
    subject: Annotated[
        str, typer.Argument(metavar="RUN|NET", help="A run folder, a zoo name, a .net file, a text, or package:name.")
    ],
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The file to write: .onnx, .pt2, .safetensors, .pt or .pth.")
    ],
    input: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="3x224x224", help="Channels x extents; one for each input, or KEYWORD=3x8x8."),
    ] = None,
    classes: ClassesOption = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Put a run's normalisation in front and the softmax behind.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a file that is there.")] = False,
    json: JsonOption = False,
) -> None:
    """Take a network away: as ONNX, as a PyTorch program, or its weights alone."""
    export_network(subject, path, Order(input or (), classes, whole, overwrite), json=json)


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


@app.command("report")
def _report(run: RunArgument) -> None:
    """Write a run's report anew."""
    report_run(run)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    limit_spinning()
    sys.exit(run_command(arguments))


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code instead of leaving.

    >>> run_command(["nets", "--json"]) == run_command(["--version"]) == 0
    [...
    striate ...
    True
    """
    try:
        with attended():
            code = int(app(args=arguments, standalone_mode=False, prog_name="striate") or 0)
            sys.stdout.flush()
        return code if code != STOPPED else _complain(describe_stop(), code=STOPPED)  # typer took a Ctrl-C for itself
    except InputError as problem:
        return _complain(str(problem), problem)
    except (KeyboardInterrupt, typer.Abort):
        return _complain(describe_stop(), code=STOPPED)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit:  # typer's own answer to that
        return 0
    except Stopped as notice:
        return _complain(str(notice), code=STOPPED)
    except Exception as problem:
        if isinstance(problem, UsageError):
            return _complain(_say_usage(problem.format_message(), getattr(problem, "ctx", None)))
        if not may_speak(problem):  # another process has shown the same fault, or the one that this follows from
            return 1
        leave()
        raise


def _complain(message: str, problem: BaseException | None = None, code: int = 2) -> int:
    if may_speak(problem):
        print(f"striate: {message}", file=sys.stderr)
    leave()
    return code


def _say_usage(message: str, context: typer.Context | None) -> str:
    """A wrong call in one line, with the way to the help."""
    path = context.command_path if context else "striate"
    return f"{' '.join(message.split()).rstrip('.')}. See `{path} --help`"
