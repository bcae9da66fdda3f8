"""train and resume: data and a network's name in, a run folder with weights and report out."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import RunError
from striate.nets import Net, parse
from striate.verbs.choosing import choose_engine, describe_choice, read_pins
from striate.verbs.findings import describe_findings, plan_search
from striate.verbs.networks import read
from striate.verbs.planning import build_for_task, check_wishes, compose_settings, introduce, make_plan
from striate.verbs.ranks import check_alike, load_together, together, tune_once, way_shown
from striate.verbs.reporting import conclude, score_along, tell_story
from striate.verbs.request import (
    check_input,
    check_lengths,
    check_seed,
    check_view,
    check_window,
    choose_folder,
    choose_samples,
    read_grouping,
)
from striate.verbs.room import choose_parts
from striate.verbs.runs import (
    RESULT,
    TRAINED,
    Run,
    read_net,
    read_settings,
    rebuild,
    reload_data,
    restore_engine,
)

if TYPE_CHECKING:
    from torch import nn

    from striate.data import Dataset
    from striate.engine import Engine
    from striate.train import Progress, RunFolder
    from striate.train.closing import Surroundings

Say = Callable[[str], None]
REPORT_SECONDS = 1.5  # what a report takes to draw, about


@together
def train(
    net: Net | str | Path,
    data: Any,
    *,
    out: str | Path | None = None,
    seed: int = 0,
    epochs: int | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    until: float | None = None,
    batch: int | None = None,
    lr: float | None = None,
    balance: str | None = None,
    recipe: str | None = None,
    task: str | None = None,
    view: str | None = None,
    window: int | None = None,
    horizon: int | None = None,
    target: str | None = None,
    group: str | None = None,
    hold_out: str | None = None,
    input: tuple[int, ...] | None = None,
    engine: Engine | None = None,
    precision: str | None = None,
    layout: str | None = None,
    threads: int | None = None,
    compile: bool | None = None,
    probe: bool | None = None,
    say: Say | None = None,
    on_data: Callable[[int, int], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Train a network on data, score it on the held-out part, and write all of it into a run folder.

    `net` is a tree, a zoo name, a file, a text, or "auto"; `data` is a folder, an archive, a name, or arrays (x, y).
    `out` must not exist yet (left out: a free name below runs/). The length is chosen from the data unless `epochs`,
    `steps` or `minutes` says it (`minutes` count from this call on, report and all); `until` ends early once the
    validation accuracy reaches it. `recipe` names one: "default", "fast", "muon" or "quick". `balance` handles classes
    of uneven size: "weights" (of the loss, by inverse frequency) or "sampling" (each epoch draws them evenly). `task`
    is what is learned, left out what the data say: "classify", "labels" or "regress"; `until` then means its merit.
    `view` is the form of sound: "waveform" or "spectrogram". Of a series, `window` rows are seen and `horizon` rows
    ahead the column `target` is told. `group` is a pattern that finds each file's group in its name: groups are kept on
    one side of a split; `hold_out` puts one of them, whole, into the test part. `input` resizes the samples (channels x
    extents); left out, they keep the data's size, except that a backbone gets the channels (grey is repeated) and,
    where it takes no others, the extents that it was made for. `say` hears what was chosen and why; `on_data(done,
    total)` and `on_progress` hear how far it is.

    What runs fastest here is probed for two seconds, or remembered from an earlier run of the same network; `precision`
    ("fp32", "bf16"), `layout` ("contiguous", "channels_last"), `threads` and `compile` settle a part of it, `engine`
    all of it. `probe=False` takes plain fp32, `probe=True` probes anew.

    Raises:  InputError and its kin, in one line, before any training; Stopped after Ctrl-C, with the state saved.
    """
    from striate.data import load_dataset
    from striate.engine import keep_large_blocks
    from striate.train import RunFolder
    from striate.train.ranks import find_ranks
    from striate.train.tasks import check_name, make_task

    began = time.monotonic()
    kept, pins = keep_large_blocks(), read_pins(precision, layout, threads, compile)
    check_lengths(epochs=epochs, steps=steps, minutes=minutes)
    check_seed(seed)
    check_input(input)
    if task is not None:
        check_name(task)
    tree = None if str(net) == "auto" else net if isinstance(net, Net) else read(net)
    ranks, source = find_ranks(), "text" if tree is None else tree.source
    place = Path(ranks.tell(str(choose_folder(out, data, source, auto=tree is None)) if ranks.is_first else ""))
    extents, channels = (tuple(input[1:]), input[0]) if input else choose_samples(tree)
    options = {**check_view(view), **check_window(window, horizon, target)}
    asked: dict[str, Any] = {"options": options, "grouping": read_grouping(group, hold_out)}
    dataset = load_dataset(data, seed=seed, extents=extents, channels=channels, report=on_data, task=task, **asked)
    wishes = {"epochs": epochs, "steps": steps, "minutes": minutes, "batch": batch, "lr": lr, "balance": balance}
    plan = make_plan(tree, dataset, seed, wishes, recipe, until)
    aim = make_task(dataset.task, dataset.train.labels, {})
    check_wishes(plan, dataset, until, aim)
    check_alike("found data", dataset.fingerprint)
    check_alike("chose network and recipe", [plan.net.text, plan.recipe.to_dict()])
    module = build_for_task(plan, dataset, aim)
    for line in introduce(dataset, plan):
        (say or _ignore)(line)
    parts, why = choose_parts(plan, module, len(dataset.train), engine)
    for line in why:
        (say or _ignore)(line)
    tuned = tune_once(lambda: choose_engine(module, dataset, plan.recipe, engine, pins, probe=probe, parts=parts))
    lines, choice = describe_choice(tuned, kept)
    for line in lines:
        (say or _ignore)(line)
    if ranks.is_first:
        settled = compose_settings(dataset, plan, tuned.engine, tuned.seconds, until, aim)
        settings = {**settled, **choice, "parts": parts}
        _open_folder(place, dataset, plan.net, settings)
    return _run(RunFolder(place), plan.net, module, dataset, on_progress, say, began, resume=False)


@together
def resume(
    path: str | Path,
    data: Any = None,
    *,
    say: Say | None = None,
    on_data: Callable[[int, int], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Go on with a run from its last checkpoint (from the start where there is none); a finished run is just loaded.

    `data` is needed only where the run was trained on arrays in memory.

    Raises:  RunError if the folder is no run, is in use, or its data have changed since.
    """
    from striate.engine import keep_large_blocks
    from striate.train import RunFolder
    from striate.train.ranks import find_ranks

    began = time.monotonic()
    begun = find_ranks().tell(_look(path) if find_ranks().is_first else {})
    settings, net = begun["settings"], parse(begun["net"], str(Path(path) / "net.txt"))
    if begun["finished"]:
        (say or _ignore)(f"{path} is finished; there is nothing to resume")
        return load_together(Path(path), net, settings)
    keep_large_blocks()
    dataset = reload_data(Path(path), settings, data, "resume(path, data)", on_data)
    module = rebuild(net, settings, pretrained=begun["fresh"])
    return _run(RunFolder(path), net, module, dataset, on_progress, say, began, resume=True)


def _look(path: str | Path) -> dict[str, Any]:
    """What stands in a run's folder, which rank 0 alone need have."""
    from striate.train import RunFolder, load_latest

    folder = RunFolder.open(path)
    return {
        "settings": read_settings(folder),
        "net": folder.read_text("net.txt"),
        "finished": is_finished(folder),
        "fresh": load_latest(folder.state)[0] is None,
    }


def is_finished(folder: RunFolder) -> bool:
    """Whether a run has all it ends with: whole weights, and the report, which is written last."""
    if not (folder.path / "report.html").is_file():
        return False
    try:
        folder.read_weights()
    except RunError:  # the last checkpoint holds them too
        return False
    return True


def _run(
    folder: RunFolder,
    net: Net,
    module: nn.Module,
    dataset: Dataset,
    on_progress: Callable[[Progress], None] | None,
    say: Say | None,
    began: float,
    *,
    resume: bool,
) -> Run:
    """Train and report under the folder's lock, which rank 0 takes for all."""
    from striate.report import write_report
    from striate.train import Recipe, fit
    from striate.train.ranks import find_ranks
    from striate.train.tasks import restore_task

    ranks = find_ranks()
    settings = ranks.tell(read_settings(folder) if ranks.is_first else {})
    recipe, engine = Recipe.from_dict(settings["recipe"]), restore_engine(settings)
    validate = (dataset.val.inputs, dataset.val.labels) if dataset.val is not None and len(dataset.val) else None
    with folder.writing() if ranks.is_first else nullcontext(), way_shown(folder.path):
        history = fit(
            module,
            dataset.train.inputs,
            dataset.train.labels,
            recipe,
            engine,
            validate=validate,
            folder=folder,
            until=settings["until"],
            resume=resume,
            on_progress=on_progress,
            names=dataset.train.names,
            parts=settings.get("parts", 1),
            around=_look_around(dataset, began),
            task=restore_task(settings.get("task", {"name": "classify"})),
        )
        net = read_net(folder) if ranks.is_first else net
        run = Run(folder.path, net, module.eval(), dataset.classes, history, settings)
        if not ranks.is_first:
            score_along(run, dataset)
            return run
        story = tell_story(run, dataset, plan_search(run))
        for line in describe_findings(story):
            (say or _ignore)(line)
        result = conclude(run, story)
        if result is not None:
            folder.write_json(RESULT, result.to_dict())
        write_report(story, folder.path / "report.html")
    return replace(run, result=result)


def _look_around(dataset: Dataset, began: float) -> Surroundings:
    """What a length in minutes has to leave over: what has gone since the command began, scoring and the report."""
    from striate.train.closing import Surroundings

    scored = dataset.test if dataset.test is not None else dataset.val
    return Surroundings(time.monotonic() - began, len(scored) if scored is not None else 0, REPORT_SECONDS)


def _open_folder(target: Path, dataset: Dataset, net: Net, settings: dict[str, Any]) -> RunFolder:
    """Make the run's folder, which appears with all that it takes to go on with it, or not at all.

    It notes which samples are trained on, so that a later evaluation on grown data leaves them out.
    """
    from striate.data import hash_samples
    from striate.train import RunFolder

    trained = "".join(f"{digest:016x}\n" for digest in hash_samples(dataset.train.inputs))
    draft = RunFolder.create(target.with_name(f".{target.name}.{os.getpid()}.partial"))
    try:
        draft.write_text("net.txt", net.text if net.text.endswith("\n") else net.text + "\n")
        draft.write_text(TRAINED, trained)
        draft.write_json("settings.json", settings)
        draft.path.rename(target)
    except OSError as error:  # of two runs that come here at once, one fails
        raise RunError(f"{target}: can't be made ({error.strerror}). Choose another --out") from None
    finally:
        shutil.rmtree(draft.path, ignore_errors=True)
    return RunFolder(target)


def _ignore(line: str) -> None:
    """Nobody listens."""
