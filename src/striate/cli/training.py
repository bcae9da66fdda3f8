"""train and report: the verbs with a progress bar."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from striate.cli.networks import read_shape
from striate.cli.progress import Display
from striate.cli.stream import Outlived
from striate.errors import InputError

if TYPE_CHECKING:
    from striate.train.tasks import Merit
    from striate.verbs import Evaluation, Run

MOST_OUTPUTS = 8  # of a regression, at the end of a training
FIGURES = {"r2": "R2", "mae": "mean error", "median": "median error", "rmse": "root mean square", "f1": "F1"}


def train_network(
    net: str | None, data: str | None, resume: Path | None, options: dict[str, Any], *, json: bool
) -> None:
    """Train, or go on with a run; print what was chosen, how far it is, and how well it went."""
    from striate import verbs

    stream = cast(TextIO, Outlived(sys.stderr if json else sys.stdout))

    def say(line: str) -> None:
        print(line, file=stream, flush=True)

    if resume is not None:
        _refuse_extras(net, data, options)
        with Display(stream) as display:
            run = verbs.resume(resume, say=display.say, on_data=display.show_data, on_progress=display.show_step)
    else:
        if net is None or data is None:
            missing = "NET and DATA" if net is None else "DATA"
            needed = "needed both, such as `striate train auto digits`"
            raise InputError(f"train: found no {missing}, {needed}. Give them, or --resume RUN")
        chosen = {**options, "input": read_shape(options["input"]), "seed": options["seed"] or 0}
        with Display(stream) as display:
            run = verbs.train(
                net, data, say=display.say, on_data=display.show_data, on_progress=display.show_step, **chosen
            )
    _conclude(run, say, json=json)


def _refuse_extras(net: str | None, data: str | None, options: dict[str, Any]) -> None:
    """A resumed run keeps its settings; another wish beside --resume is a mistake."""
    given = [f"--{key}" for key, value in options.items() if value is not None]
    given += [value for value in (net, data) if value is not None]
    if given:
        raise InputError(
            f"train --resume: found {given[0]} beside it, but a run goes on with its own settings. Leave {given[0]} out"
        )


def _conclude(run: Run, say: Callable[[str], None], *, json: bool) -> None:
    """The figure that counts, and where the report is."""
    report = run.path / "report.html"
    result = run.result
    if result is not None and result.task != "classify":
        say(f"{result.part:<8} {describe_merit(result, run.task.merit)}, on samples never trained on")
        for line in describe_outputs(result)[:MOST_OUTPUTS] if result.task == "regress" else ():
            say(f"         {line}")
    elif result is not None:
        low, high = result.interval
        counts = f"{result.correct:,} of {result.total:,}; 95 % interval {100 * low:.2f} to {100 * high:.2f} %"
        if result.balanced_accuracy is not None:
            counts += f"; {100 * result.balanced_accuracy:.2f} % as the mean over its uneven classes"
        say(f"{result.part:<8} {100 * result.accuracy:.2f} % right ({counts}), on samples never trained on")
    for line in () if result is None else describe_baseline(result):
        say(line)
    say(f"report   {report}")
    if json:
        figures = {} if result is None else result.to_dict()
        print(json_format.dumps({"run": str(run.path), **figures, "report": str(report)}))


def describe_merit(result: Evaluation, merit: Merit) -> str:
    """The merit of another task than classification, with its interval."""
    low, high = (merit.write(bound) for bound in result.interval)
    told = f"{merit.name} {merit.write(result.merit)} ({result.total:,} samples; 95 % interval {low} to {high})"
    if result.task != "restore":
        return told
    gain, damaged = (merit.write(result.figures[name]) for name in ("gain", "damaged"))
    return f"{told}; damaged {damaged}, so {gain} are gained"


def describe_outputs(result: Evaluation) -> list[str]:
    """A line for each output of a task, with its figures."""
    lines = []
    for row in result.figures.get("outputs", ()):
        known = [(key, value) for key, value in row.items() if isinstance(value, float | int)]
        named = [f"{FIGURES.get(key, key.replace('_', ' '))} {value:.4g}" for key, value in known]
        lines.append(f"{row['name']}: {', '.join(named)}")
    return lines


def describe_baseline(result: Evaluation) -> list[str]:
    """How good an answer would be that needs no network; nothing where none is known."""
    found = result.baseline
    if found is None:
        return []
    if found["median"] is None:
        return [f"baseline {found['answer']} would be right in {100 * found['merit']:.2f} %"]
    return [f"baseline {found['answer']} would have R2 {found['merit']:.4f}, median error {found['median']:.4g}"]


def report_run(path: Path) -> None:
    """Write a run's report anew, and print where it is."""
    from striate import verbs

    print(verbs.report(path))
