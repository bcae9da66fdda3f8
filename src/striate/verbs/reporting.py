"""report: a run's folder and its data -> the page that says how well it does, and how far to trust that."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.nets import list_layers, place
from striate.verbs.findings import search_duplicates, search_silence, warn_of_duplicates
from striate.verbs.planning import describe_sizes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from striate.data import Dataset, Part
    from striate.report import Story
    from striate.train.scores import Scores
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
        kernels=find_first_kernels(run.module),
        history=run.history,
        settings={key: value for key, value in run.settings.items() if key not in ("reasons", "set_aside", "classes")},
        set_aside=tuple((file.name, file.reason) for file in dataset.set_aside),
        test=_score(run, dataset.test),
        val=_score(run, dataset.val),
        inputs=shown.inputs,
        names=shown.names,
        part="val" if dataset.test is None else "test",
        notes=(*_write_notes(dataset), *_recall_notes(run), *warn_of_duplicates(duplicates)),
        trained=dataset.train,
        balance=run.recipe.balance,
        duplicates=duplicates,
        silence=search_silence(run, dataset),
    )


def score_along(run: Run, dataset: Dataset) -> None:
    """Take part in the scoring that `tell_story` does on rank 0."""
    _score(run, dataset.test)
    _score(run, dataset.val)


def _score(run: Run, part: Part | None) -> Scores | None:
    from striate.train.inference import make_ready
    from striate.train.judging import gather_logits
    from striate.train.scores import Scores

    if part is None or not len(part):
        return None
    ready = make_ready(run.module, part.inputs[:2], run.recipe, run.engine)
    return Scores(gather_logits(ready, part.inputs, run.recipe, run.engine), part.labels)


def _describe_data(dataset: Dataset) -> str:
    parts = (("training", dataset.train), ("validation", dataset.val), ("test", dataset.test))
    counts = ", ".join(f"{len(part):,} {name}" for name, part in parts if part is not None)
    return f"{dataset.name} ({counts})"


def _write_notes(dataset: Dataset) -> tuple[str, ...]:
    notes = [*dataset.facts.notes, *(f"{line[0].upper()}{line[1:]}." for line in describe_sizes(dataset.facts))]
    if dataset.test is not None and not dataset.official:
        notes.append("The data bring no test part: 20 % of each class, drawn by the seed, were held out for it.")
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
