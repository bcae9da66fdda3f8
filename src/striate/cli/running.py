"""The commands that make and use a run: train, evaluate, predict, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from striate.cli import engines
from striate.cli.application import InputOption, JsonOption, RunArgument, app
from striate.cli.scoring import evaluate_run, predict_files
from striate.cli.timelines import print_timelines
from striate.cli.training import report_run, train_network


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
        float | None, typer.Option(metavar="ACC", help="Stop at this validation accuracy (or merit).")
    ] = None,
    batch: Annotated[int | None, typer.Option(help="Samples per step.")] = None,
    lr: Annotated[float | None, typer.Option(help="The highest learning rate.")] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help="How to train: default, fast, muon or quick.")
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What is learned: classify, labels, regress, segment, restore, continue (left out: as the data say).",
        ),
    ] = None,
    corrupt: Annotated[
        str | None,
        typer.Option(metavar="HOW", help="The damage that restoring undoes: noise=0.5, blur, mask, downsample, snr."),
    ] = None,
    balance: Annotated[
        str | None,
        typer.Option(metavar="WAY", help="Classes of uneven size: weights (of the loss) or sampling (evenly)."),
    ] = None,
    view: Annotated[
        str | None, typer.Option(metavar="VIEW", help="The form of sound: waveform or spectrogram.")
    ] = None,
    window: Annotated[int | None, typer.Option(help="Rows of a series that are seen at once.")] = None,
    horizon: Annotated[int | None, typer.Option(help="How many rows ahead a series is told.")] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of a series that is told.")] = None,
    group: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="What finds a file's group in its name; groups are kept together."),
    ] = None,
    hold_out: Annotated[
        str | None, typer.Option("--hold-out", metavar="GROUP", help="Test on this group alone, and never train on it.")
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
        "view": view,
        "window": window,
        "horizon": horizon,
        "target": target,
        "group": group,
        "hold_out": hold_out,
        "task": task,
        "corrupt": corrupt,
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
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="Files as the run knows them, or folders.")],
    timeline: Annotated[
        bool, typer.Option("--timeline", help="Slide over long recordings: where along each does a class fire?")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where masks or restored files are written."),
    ] = None,
    engine: engines.EngineOption = "auto",
    precision: engines.PrecisionOption = None,
    layout: engines.LayoutOption = None,
    threads: engines.ThreadsOption = None,
    json: JsonOption = False,
) -> None:
    """Say what files show, and how surely."""
    chosen = {"engine": engine, "precision": precision, "layout": layout, "threads": threads}
    if timeline:
        print_timelines(run, files, engine, json=json)
        return
    predict_files(run, files, chosen, json=json, out=out)


@app.command("report")
def _report(run: RunArgument) -> None:
    """Write a run's report anew."""
    report_run(run)
