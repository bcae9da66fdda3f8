"""train and resume: data and a network's name in, a run folder with weights and report out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import striate
from striate.errors import InputError, RunError
from striate.nets import Net, list_layers, place, write_shape
from striate.verbs.networks import read
from striate.verbs.reporting import tell_story
from striate.verbs.runs import RESULT, Run, judge, load, read_settings, restore_network

if TYPE_CHECKING:
    from torch import nn

    from striate.data import Dataset
    from striate.engine import Engine
    from striate.train import Progress, Recipe, RunFolder

Say = Callable[[str], None]
NORMS = frozenset({"bn", "gn", "ln"})


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
    input: tuple[int, ...] | None = None,
    engine: Engine | None = None,
    say: Say | None = None,
    on_data: Callable[[int, int], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Train a network on data, score it on the held-out part, and write all of it into a run folder.

    `net` is a tree, a zoo name, a file, a text, or "auto"; `data` is a folder, an archive, a name, or arrays (x, y).
    `out` must not exist yet (left out: a free name below runs/). The length is chosen from the data unless `epochs`,
    `steps` or `minutes` says it; `until` ends early once the validation accuracy reaches it. `input` resizes the
    samples (channels x extents). `say` hears what was chosen and why; `on_data(done, total)` and `on_progress` hear
    how far it is.

    Raises:  InputError and its kin, in one line, before any training; Stopped after Ctrl-C, with the state saved.
    """
    from striate.data import load_dataset
    from striate.engine import keep_large_blocks

    keep_large_blocks()
    _check_lengths(epochs=epochs, steps=steps, minutes=minutes)
    tree = None if str(net) == "auto" else net if isinstance(net, Net) else read(net)
    target = _choose_folder(out, data, "text" if tree is None else tree.source, auto=tree is None)
    extents, channels = (tuple(input[1:]), input[0]) if input else (None, None)
    dataset = load_dataset(data, seed=seed, extents=extents, channels=channels, report=on_data)
    plan = _plan(tree, dataset, seed)
    changes: dict[str, Any] = {"epochs": epochs, "steps": steps, "minutes": minutes, "batch": batch, "lr": lr}
    recipe = replace(plan.recipe, **{key: value for key, value in changes.items() if value is not None})
    module = _build(plan.net, dataset, recipe, until)
    for line in _introduce(dataset, plan, recipe):
        (say or _ignore)(line)
    chosen, probed = (engine, {}) if engine else _probe(module, dataset, recipe)
    (say or _ignore)(f"engine   {chosen.label}")
    folder = _open_folder(target, plan.net, _write_settings(dataset, plan, recipe, chosen, probed, until))
    _note_samples(folder, dataset)
    return _run(folder, module, dataset, until, on_progress, say, resume=False)


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
    from striate.data import load_dataset
    from striate.engine import keep_large_blocks
    from striate.train import RunFolder

    folder = RunFolder.open(path)
    settings = read_settings(folder)
    if is_finished(folder.path):
        (say or _ignore)(f"{path} is finished; there is nothing to resume")
        return load(path)
    keep_large_blocks()
    source = settings["data"]["source"] if data is None else data
    if data is None and settings["data"]["in_memory"]:
        raise RunError(
            f"{path}: was trained on arrays in memory, which are not in the folder. Give them: resume(path, data)"
        )
    shape = tuple(settings["input"])
    dataset = load_dataset(source, seed=settings["seed"], extents=shape[1:], channels=shape[0], report=on_data)
    if dataset.fingerprint != settings["data"]["fingerprint"]:
        raise RunError(
            f"{path}: the data in {source} have changed since the run began, needed the same. Restore them"
            " or train anew"
        )
    _, module = restore_network(folder, settings)
    return _run(folder, module, dataset, settings["until"], on_progress, say, resume=True)


def is_finished(path: Path) -> bool:
    """Whether a run has all it ends with: weights and report are written last."""
    return (path / "weights.safetensors").is_file() and (path / "report.html").is_file()


@dataclass(frozen=True)
class _Plan:
    net: Net
    recipe: Recipe
    reasons: tuple[str, ...]
    auto: bool


def _plan(tree: Net | None, dataset: Dataset, seed: int) -> _Plan:
    """The network and the recipe, each given or chosen."""
    from striate.auto import choose_recipe, design_network

    facts, reasons = dataset.facts, tuple[str, ...]()
    if tree is None:
        design = design_network(facts.channels, facts.extents)
        net, reasons = read(design.text), design.reasons
    else:
        net = tree
    layers = list_layers(place(net, (facts.channels, *facts.extents), len(dataset.classes)))
    normalised = any(placed.word in NORMS for _, placed in layers)
    chosen = choose_recipe(facts, normalised=normalised, seed=seed)
    return _Plan(net, chosen.recipe, (*reasons, *chosen.reasons), tree is None)


def _build(net: Net, dataset: Dataset, recipe: Recipe, until: float | None) -> nn.Module:
    """The module, refused where it can't be a classifier of these classes."""
    from striate.nets.build import make_module
    from striate.train import check_recipe

    check_recipe(recipe, dataset.facts.channels)
    if until is not None and not 0 < until <= 1:
        raise InputError(
            f"--until is {until:g}, needed a share of right answers above 0 and up to 1. Write it such as 0.99"
        )
    if until is not None and (dataset.val is None or not len(dataset.val)):
        raise InputError(
            f"--until {until:g}: {dataset.name} has no validation part to look at, needed one. Leave --until out"
        )
    shape, classes = (dataset.facts.channels, *dataset.facts.extents), len(dataset.classes)
    placed = place(net, shape, classes)
    if placed[-1].output != (classes,):
        found = f"the network gives {write_shape(placed[-1].output)} for each input of {write_shape(shape)}"
        raise InputError(
            f"{net.source}: {found}, needed one score for each of {classes} classes. End with "
            "`gap, flatten, fc-classes`"
        )
    if placed[-1].word == "softmax":
        raise InputError(
            f"{net.source}: ends in `softmax`, needed plain scores (training and prediction apply it). Leave it out"
        )
    return make_module(net, shape, classes, seed=recipe.seed)


def _probe(module: nn.Module, dataset: Dataset, recipe: Recipe) -> tuple[Engine, dict[str, float]]:
    """Which precision and layout are fastest here, tried on one real batch."""
    import numpy as np
    import torch

    from striate.engine import probe

    batch = torch.from_numpy(np.ascontiguousarray(dataset.train.inputs[: recipe.batch])).float().div_(255)
    return probe(module, batch)


def _run(
    folder: RunFolder,
    module: nn.Module,
    dataset: Dataset,
    until: float | None,
    on_progress: Callable[[Progress], None] | None,
    say: Say | None,
    *,
    resume: bool,
) -> Run:
    """Train and report under the folder's lock."""
    from striate.engine import Engine
    from striate.report import write_report
    from striate.train import Recipe, fit

    settings = read_settings(folder)
    recipe, engine = Recipe.from_dict(settings["recipe"]), Engine.from_dict(settings["engine"])
    validate = (dataset.val.inputs, dataset.val.labels) if dataset.val is not None and len(dataset.val) else None
    with folder.writing():
        history = fit(
            module,
            dataset.train.inputs,
            dataset.train.labels,
            recipe,
            engine,
            validate=validate,
            folder=folder,
            until=until,
            resume=resume,
            on_progress=on_progress,
        )
        run = Run(folder.path, restore_network(folder, settings)[0], module.eval(), dataset.classes, history, settings)
        story = tell_story(run, dataset)
        result = judge(story.scored, story.part) if story.scored is not None else None
        if result is not None:
            folder.write_json(RESULT, result.to_dict())
        write_report(story, folder.path / "report.html")
    return replace(run, result=result)


def _write_settings(
    dataset: Dataset, plan: _Plan, recipe: Recipe, engine: Engine, probed: Mapping[str, float], until: float | None
) -> dict[str, Any]:
    import torch

    return {
        "striate": striate.__version__,
        "torch": torch.__version__,
        "net": plan.net.source,
        "auto": plan.auto,
        "input": [dataset.facts.channels, *dataset.facts.extents],
        "classes": list(dataset.classes),
        "seed": recipe.seed,
        "until": until,
        "data": {
            "name": dataset.name,
            "source": dataset.source,
            "in_memory": dataset.source == "arrays in memory",
            "fingerprint": dataset.fingerprint,
            "train": len(dataset.train),
            "val": len(dataset.val) if dataset.val is not None else 0,
            "test": len(dataset.test) if dataset.test is not None else 0,
            "official_test": dataset.official,
        },
        "recipe": recipe.to_dict(),
        "engine": engine.to_dict(),
        "probe_seconds": dict(probed),
        "reasons": list(plan.reasons),
        "set_aside": [[file.name, file.reason] for file in dataset.set_aside],
    }


def _open_folder(target: Path, net: Net, settings: dict[str, Any]) -> RunFolder:
    from striate.train import RunFolder

    folder = RunFolder.create(target)
    folder.write_text("net.txt", net.text if net.text.endswith("\n") else net.text + "\n")
    folder.write_json("settings.json", settings)
    return folder


def _note_samples(folder: RunFolder, dataset: Dataset) -> None:
    """Note which samples are trained on, so that a later evaluation on grown data leaves them out."""
    from striate.data import hash_samples

    lines = "".join(f"{digest:016x}\n" for digest in hash_samples(dataset.train.inputs))
    folder.write_text("state/trained.txt", lines)


def _introduce(dataset: Dataset, plan: _Plan, recipe: Recipe) -> list[str]:
    """What was found and chosen, for people."""
    facts = dataset.facts
    parts = {"train": dataset.train, "validation": dataset.val, "test": dataset.test}
    counts = ", ".join(f"{len(part):,} {name}" for name, part in parts.items() if part is not None)
    shape = write_shape((facts.channels, *facts.extents))
    lines = [f"data     {dataset.name}: {counts}; {len(dataset.classes)} classes; {shape}"]
    if dataset.set_aside:
        first = dataset.set_aside[0]
        lines.append(f"         {len(dataset.set_aside)} files set aside, the first: {first.name} ({first.reason})")
    lines += [f"         {note}" for note in facts.notes]
    parameters = sum(
        placed.parameters
        for _, placed in list_layers(place(plan.net, (facts.channels, *facts.extents), len(dataset.classes)))
    )
    lines.append(f"network  {'chosen from the data' if plan.auto else plan.net.source}, {parameters:,} parameters")
    if plan.auto:
        lines += [f"         {line}" for line in plan.net.text.splitlines()]
    lines += [f"         - {reason}" for reason in plan.reasons]
    return lines


def _check_lengths(**lengths: float | None) -> None:
    given = {key: value for key, value in lengths.items() if value is not None}
    if len(given) > 1:
        raise InputError(f"found {' and '.join(f'--{key}' for key in given)}, needed one of them. Leave the others out")


def _choose_folder(out: str | Path | None, data: Any, source: str, *, auto: bool) -> Path:
    """The folder asked for, which must be free, or a free name below runs/."""
    if out is not None:
        if Path(out).exists():
            raise RunError(
                f"{out}: is there already, and a run is never overwritten. Choose another --out, or --resume {out}"
            )
        return Path(out)
    name = Path(data).resolve().name.split(".")[0] if isinstance(data, str | Path) else "arrays"
    stem = Path("runs") / f"{name or 'data'}-{'auto' if auto else Path(source).stem}"
    number, target = 1, stem
    while target.exists():
        number += 1
        target = stem.with_name(f"{stem.name}-{number}")
    return target


def _ignore(line: str) -> None:
    """Nobody listens."""
