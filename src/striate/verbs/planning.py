"""What a run will be, settled before its first step: network, recipe, engine, and the settings that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.nets import Net, Placed, find_input_demands, list_layers, place, write_shape
from striate.verbs.anatomy import describe_layers
from striate.verbs.findings import describe_classes
from striate.verbs.networks import read
from striate.version import __version__

if TYPE_CHECKING:
    from torch import nn

    from striate.data import Dataset, Facts
    from striate.engine import Engine
    from striate.train import Recipe
    from striate.train.tasks import Task


@dataclass(frozen=True)
class Plan:
    """A network placed on the data's shape, the recipe, and why both are so."""

    net: Net
    placed: tuple[Placed, ...]
    recipe: Recipe
    reasons: tuple[str, ...]
    auto: bool


def make_plan(
    tree: Net | None,
    dataset: Dataset,
    seed: int,
    wishes: Mapping[str, Any],
    recipe: str | None = None,
    until: float | None = None,
) -> Plan:
    """Settle network (chosen where `tree` is None) and recipe (by its name, else by data and goal) for a data set."""
    from striate.auto import (
        Goal,
        adapt_plan,
        check_name,
        choose_recipe,
        design_for_goal,
        design_for_kind,
        design_for_task,
        design_outputs,
        keep_symbols,
    )

    if recipe is not None:
        check_name(recipe)
    facts = dataset.facts
    design, name = None, recipe or "default"
    if tree is None:
        own = design_for_task(facts, dataset.task)
        quick = None if own else design_for_goal(dataset.train.inputs, Goal(until, wishes.get("minutes")))
        name = recipe or ("quick" if quick else "default")
        design = own or design_outputs(quick or design_for_kind(facts, dataset.reading), dataset.task)
    net = read(design.text) if design else tree
    assert net is not None
    placed = place(net, (facts.channels, *facts.extents), len(dataset.classes))
    demands = find_input_demands(net)
    trained = demands.trained if demands else None
    layers = describe_layers(placed)
    chosen = choose_recipe(facts, layers, name=name, trained=trained, seed=seed, wishes=wishes)
    asked = frozenset(key for key, value in wishes.items() if value is not None)
    chosen = keep_symbols(adapt_plan(chosen, dataset.task, asked, layers, facts.train_samples), placed)
    uneven = describe_classes(dataset, chosen.recipe.balance) if dataset.task == "classify" else ()
    reasons = (*(design.reasons if design else ()), *chosen.reasons, *uneven)
    return Plan(net, placed, chosen.recipe, reasons, tree is None)


def build_for_task(plan: Plan, dataset: Dataset, task: Task | None = None) -> nn.Module:
    """Build the plan's module, refused where it can't give what the task (left out, to classify) needs."""
    from striate.nets.build import make_module
    from striate.train.tasks import CLASSIFY

    task = task or CLASSIFY

    source, shape, classes = plan.net.source, plan.placed[0].input, len(dataset.classes)
    last, shape_needed = plan.placed[-1], task.find_output(classes, shape)
    if last.output != shape_needed:
        found = f"the network gives {write_shape(last.output)} for each input of {write_shape(shape)}"
        needed = f"needed {task.describe_output(classes, shape)}"
        end = "fc-classes" if len(last.output) == len(shape_needed) == 1 else task.ending
        raise InputError(f"{source}: {found}, {needed}. End with `{end}`")
    if last.word == "softmax":
        needed = "needed plain scores (training and prediction apply it)"
        raise InputError(f"{source}: ends in `softmax`, {needed}. Leave it out")
    module = make_module(plan.net, shape, classes, seed=plan.recipe.seed)
    task.check_module(module, shape, plan.recipe)
    return module


def check_wishes(plan: Plan, dataset: Dataset, until: float | None, task: Task | None = None) -> None:
    """Refuse a recipe that can't be followed, and an `until` that nothing can judge."""
    from striate.train import check_recipe

    check_recipe(plan.recipe, dataset.facts.channels)
    cells = dataset.task == "segment" and plan.recipe.balance == "weights"
    if plan.recipe.balance != "none" and dataset.task != "classify" and not cells:
        found = f"--balance {plan.recipe.balance}: found data for the task {dataset.task}"
        raise InputError(f"{found}, needed classes. Leave --balance out")
    if until is None:
        return
    if task is not None and task.name != "classify":
        task.merit.check(until, "--until")
    elif not 0 < until <= 1:
        raise InputError(f"--until is {until:g}, needed a share of right answers above 0 and up to 1, such as 0.99")
    if dataset.val is None or not len(dataset.val):
        raise InputError(f"--until {until:g}: {dataset.name} has no validation part, needed one. Leave --until out")


def introduce(dataset: Dataset, plan: Plan) -> list[str]:
    """What was found and chosen, for people."""
    facts = dataset.facts
    parts = {"train": dataset.train, "validation": dataset.val, "test": dataset.test}
    counts = ", ".join(f"{len(part):,} {name}" for name, part in parts.items() if part is not None)
    shape = write_shape((facts.channels, *facts.extents))
    lines = [f"data     {dataset.name}: {counts}; {_describe_task(dataset)}; {shape}"]
    if dataset.set_aside:
        first = dataset.set_aside[0]
        lines.append(f"         {len(dataset.set_aside)} files set aside, the first: {first.name} ({first.reason})")
    lines += [f"         {note}" for note in (*describe_sizes(facts), *facts.notes)]
    parameters = sum(part.parameters for _, part in list_layers(plan.placed))
    lines.append(f"network  {'chosen from the data' if plan.auto else plan.net.source}, {parameters:,} parameters")
    if plan.auto:
        lines += [f"         {line}" for line in plan.net.text.splitlines()]
    lines += [f"         - {reason}" for reason in plan.reasons]
    return lines


def _describe_task(dataset: Dataset) -> str:
    """What is to be learned, in a few words."""
    count = len(dataset.classes)
    words = {"classify": f"{count} classes", "labels": f"{count} labels, any of them together"}
    words["segment"] = f"{count} classes of cells ({', '.join(dataset.classes[:4])}{', ...' if count > 4 else ''})"
    if dataset.task == "regress":
        return f"{count} number{'s' if count > 1 else ''} each ({', '.join(dataset.classes[:4])})"
    return words.get(dataset.task, dataset.task)


FITTED = {
    "images": "scaled until they cover it, then the centre cut out",
    "video": "frames scaled until they cover it, then the centre cut out",
    "volumes": "cut to their centre where they are longer, surrounded by the lowest value (of bytes, 0) where shorter",
}


def describe_sizes(facts: Facts) -> tuple[str, ...]:
    """Say what became of samples that were not of one size, or too large; nothing where they were left as they are."""
    if facts.kind in ("sound", "words"):  # which say it in their notes
        return ()
    if facts.smallest == facts.largest == facts.extents:
        return ()
    found = f"samples of {write_shape(facts.smallest)} to {write_shape(facts.largest)}"
    if facts.smallest == facts.largest:
        found = f"samples of {write_shape(facts.largest)}"
    return (f"{found} brought to {write_shape(facts.extents)}: {FITTED.get(facts.kind, FITTED['images'])}",)


def compose_settings(
    dataset: Dataset,
    plan: Plan,
    engine: Engine,
    probed: Mapping[str, float],
    until: float | None,
    task: Task | None = None,
) -> dict[str, Any]:
    """Everything that a run is made of, as settings.json holds it."""
    import torch

    return {
        "striate": __version__,
        "torch": torch.__version__,
        "net": plan.net.source,
        "auto": plan.auto,
        "input": [dataset.facts.channels, *dataset.facts.extents],
        "classes": list(dataset.classes),
        "task": {"name": "classify"} if task is None else task.to_dict(),
        "seed": plan.recipe.seed,
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
            "reading": None if dataset.reading is None else dict(dataset.reading),
            "grouping": None if dataset.grouping is None else dict(dataset.grouping),
        },
        "recipe": plan.recipe.to_dict(),
        "engine": engine.to_dict(),
        "probe_seconds": dict(probed),
        "reasons": list(plan.reasons),
        "set_aside": [[file.name, file.reason] for file in dataset.set_aside],
    }
