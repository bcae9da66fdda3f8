"""train: data and a network's name in, a run folder with weights and report out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.nets import Net
from striate.verbs.aiming import check_task, make_aim
from striate.verbs.choosing import choose_engine, describe_choice, read_pins
from striate.verbs.finishing import Say, finish
from striate.verbs.networks import read
from striate.verbs.opening import open_folder
from striate.verbs.planning import build_for_task, check_wishes, compose_settings, introduce, make_plan
from striate.verbs.ranks import check_alike, together, tune_once
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
from striate.verbs.runs import Run

if TYPE_CHECKING:
    from striate.engine import Engine
    from striate.train import Progress


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
    corrupt: str | None = None,
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
    is what is learned, left out what the data say: "classify", "labels", "regress", "segment", "restore" or
    "continue"; `until` then means its merit. `corrupt` is the damage that restoring undoes, such as "blur=1,noise=0.1".
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

    began = time.monotonic()
    kept, pins = keep_large_blocks(), read_pins(precision, layout, threads, compile)
    check_lengths(epochs=epochs, steps=steps, minutes=minutes)
    check_seed(seed)
    check_input(input)
    task = check_task(task, corrupt)
    tree = None if str(net) == "auto" else net if isinstance(net, Net) else read(net)
    ranks, source = find_ranks(), "text" if tree is None else tree.source
    place = Path(ranks.tell(str(choose_folder(out, data, source, auto=tree is None)) if ranks.is_first else ""))
    extents, channels = (tuple(input[1:]), input[0]) if input else choose_samples(tree)
    options = {**check_view(view), **check_window(window, horizon, target)}
    asked: dict[str, Any] = {"options": options, "grouping": read_grouping(group, hold_out)}
    dataset = load_dataset(data, seed=seed, extents=extents, channels=channels, report=on_data, task=task, **asked)
    wishes = {"epochs": epochs, "steps": steps, "minutes": minutes, "batch": batch, "lr": lr, "balance": balance}
    plan = make_plan(tree, dataset, seed, wishes, recipe, until)
    aim = make_aim(dataset, corrupt)
    plan = replace(plan, reasons=(*plan.reasons, *aim.reasons))
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
        open_folder(place, dataset, plan.net, settings)
    return finish(RunFolder(place), plan.net, module, dataset, on_progress, say, began, resume=False)


def _ignore(line: str) -> None:
    """Nobody listens."""
