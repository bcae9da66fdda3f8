"""report: a run's folder and its data -> the page that says how well it does, and how far to trust that."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.nets import list_layers, place
from striate.verbs.continuations import show_continuations
from striate.verbs.findings import search_duplicates, search_silence, warn_of_duplicates
from striate.verbs.planning import describe_sizes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from striate.data import Dataset, Part
    from striate.report import Example, Outcome, Story
    from striate.train.scores import Scores
    from striate.verbs.evaluation import Evaluation
    from striate.verbs.runs import Run


def report(run: Run | str | Path, data: Any = None) -> Path:
    """Write a run's report anew from its folder and its data; return the page's path.

    `data` is needed only where the run was trained on arrays in memory.

    Raises:  RunError if the data can't be had, or have changed since the training.
    """
    from striate.report import write_report
    from striate.verbs.runs import Run, load, reload_data

    run = run if isinstance(run, Run) else load(run)
    dataset = reload_data(run.path, run.settings, data, "report(run, data)")
    return write_report(tell_story(run, dataset), run.path / "report.html")


def tell_story(run: Run, dataset: Dataset, multiplies: float = inf) -> Story:
    """Gather all that the report shows, the run scored on its held-out part; `multiplies` bounds the search in data."""
    from striate.report import Layer, Story

    layers = list_layers(place(run.net, run.input, len(run.classes)))
    shown: Part = dataset.test if dataset.test is not None and len(dataset.test) else (dataset.val or dataset.train)
    duplicates = search_duplicates(run, dataset, shown, multiplies)
    return Story(
        title=run.path.name,
        data=_describe_data(dataset),
        net=run.net.text,
        reasons=tuple(run.settings["reasons"]),
        classes=run.classes,
        layers=tuple(Layer(name, placed.text, placed.output, placed.parameters) for name, placed in layers),
        kernels=None if dataset.facts.kind == "words" else find_first_kernels(run.module),
        history=run.history,
        settings=_list_settings(run),
        set_aside=tuple((file.name, file.reason) for file in dataset.set_aside),
        test=_score(run, dataset.test),
        val=_score(run, dataset.val),
        outcome=_judge(run, dataset.val if dataset.test is None else dataset.test),
        inputs=shown.inputs,
        names=shown.names,
        part="val" if dataset.test is None else "test",
        notes=(*_write_notes(dataset), *_recall_notes(run), *warn_of_duplicates(duplicates)),
        trained=dataset.train,
        balance=run.recipe.balance,
        duplicates=duplicates,
        silence=search_silence(run, dataset),
        rate=run.rate,
        reading=dataset.reading,
    )


def _list_settings(run: Run) -> dict[str, Any]:
    """The settings without what stands elsewhere on the page, and without the words of a vocabulary."""
    told = {key: value for key, value in run.settings.items() if key not in ("reasons", "set_aside", "classes")}
    reading = run.reading
    if reading is not None and "vocabulary" in reading:
        short = {**reading, "vocabulary": f"{len(str(reading['vocabulary']).split()):,} words"}
        told["data"] = {**told["data"], "reading": short}
    return told


def score_along(run: Run, dataset: Dataset) -> None:
    """Take part in the scoring that `tell_story` does on rank 0."""
    _score(run, dataset.test)
    _score(run, dataset.val)
    _judge(run, dataset.val if dataset.test is None else dataset.test)


def conclude(run: Run, story: Story) -> Evaluation | None:
    """The figures of the part that a story is about; None where nothing could be held out."""
    from striate.verbs.evaluation import judge
    from striate.verbs.judging import compose, find_baseline

    found, scored = story.outcome, story.scored
    if scored is not None:
        result = judge(scored, story.part, engine=run.engine.label)
        return replace(result, baseline=find_baseline(run, story.inputs, scored.labels))
    if found is None:
        return None
    result = compose(run, found.judged, len(found.answers), story.part, engine=run.engine.label)
    return replace(result, baseline=find_baseline(run, story.inputs, found.labels))


def _score(run: Run, part: Part | None) -> Scores | None:
    from striate.train.scores import Scores

    if part is None or not len(part) or run.task.name != "classify":
        return None
    return Scores(_keep(run, part), part.labels)


def _judge(run: Run, part: Part | None) -> Outcome | None:
    """What another task than classification came to."""
    from striate.report import Outcome

    task = run.task
    if part is None or not len(part) or task.name == "classify":
        return None
    kept = _keep(run, part)
    judged, examples = task.judge(kept, part.labels, run.recipe), show_examples(run, part, kept)
    answers = task.answer(kept, run.recipe) if task.keeps_outputs else kept
    return Outcome(task.name, task.merit, judged, answers, part.labels, examples)


def _keep(run: Run, part: Part) -> NDArray[np.float32]:
    """What the run's task keeps of its outputs for a part, all ranks taking part."""
    from striate.train.batches import read_samples
    from striate.train.inference import make_ready
    from striate.train.judging import gather_kept

    ready = make_ready(run.module, part.inputs[:2], run.recipe, run.engine)
    samples = read_samples(part.inputs, part.labels, run.recipe, "held-out", run.task)
    return gather_kept(ready, samples, run.recipe, run.engine, task=run.task)


def show_examples(run: Run, part: Part, kept: NDArray[np.float32]) -> tuple[Example, ...]:
    """The few samples of a part that the page shows with what the network makes of them."""
    task = run.task
    if task.name == "continue":
        return show_continuations(run, part, kept)
    return tuple(show_one(run, part, number) for number in task.choose_examples(kept))


def show_one(run: Run, part: Part, number: int) -> Example:
    """One sample of a part as its task holds it out, and what the network makes of it."""
    import torch

    from striate.report import Example
    from striate.train import compute_logits
    from striate.train.batches import read_samples

    task, recipe, one = run.task, run.recipe, slice(number, number + 1)
    read = read_samples(part.inputs[one], part.labels[one], recipe, "held-out", task)
    given, wanted = task.hold_out(read.inputs, read.labels, torch.tensor([number]), recipe)
    outputs = compute_logits(run.module, given, recipe, run.engine, task=task, condensed=True)
    return Example(number, given[0].numpy(), task.answer(outputs, recipe)[0], wanted[0].numpy())


def _describe_data(dataset: Dataset) -> str:
    parts = (("training", dataset.train), ("validation", dataset.val), ("test", dataset.test))
    counts = ", ".join(f"{len(part):,} {name}" for name, part in parts if part is not None)
    return f"{dataset.name} ({counts})"


def _write_notes(dataset: Dataset) -> tuple[str, ...]:
    told = (*dataset.facts.notes, *describe_sizes(dataset.facts))
    notes = [f"{line[0].upper()}{line[1:].removesuffix('.')}." for line in told]
    if dataset.test is not None and not dataset.official and dataset.facts.kind != "series":  # which says how itself
        of_each = "of each class" if dataset.task == "classify" else "of the samples"
        notes.append(f"The data bring no test part: 20 % {of_each}, drawn by the seed, were held out for it.")
    if dataset.facts.leaked:
        notes.append(
            f"{dataset.facts.leaked:,} of the held-out samples also stand, byte for byte, in the training part."
        )
    return tuple(notes)


def _recall_notes(run: Run) -> list[str]:
    """What the training had to say: where it broke down, ran out of memory, or passed over a damaged checkpoint."""
    return [f"In the training: {note}." for record in run.history for note in record.get("notes", ())]


def find_first_kernels(module: nn.Module) -> NDArray[np.float32] | None:
    """The weight of the first convolution, [out, in, *size]; None for a network without one."""
    for parameter in module.parameters():
        if parameter.ndim > 2:
            kernels: NDArray[np.float32] = parameter.detach().float().cpu().numpy()
            return kernels
    return None
