"""How well a run's outputs meet the labels of some data, whatever its task: the figures of evaluate and train."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING, Any

from striate.errors import DataError
from striate.verbs.evaluation import Evaluation, judge
from striate.verbs.runs import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from striate.data import Dataset
    from striate.train.tasks import Judged


def judge_outputs(
    run: Run, outputs: NDArray[Any], labels: NDArray[Any], part: str, left_out: int = 0, engine: str = ""
) -> Evaluation:
    """The figures of what the run's network gave for samples with these labels, in the run's own order of outputs."""
    from striate.train.scores import Scores

    task = run.task
    if task.name == "classify":
        return judge(Scores(outputs, labels), part, left_out, engine)
    return compose(run, task.judge(outputs, labels, run.recipe), len(outputs), part, left_out, engine)


def compose(run: Run, judged: Judged, total: int, part: str, left_out: int = 0, engine: str = "") -> Evaluation:
    """An evaluation of the figures of another task than classification, its outputs named."""
    rows = [{"name": name, **row} for name, row in zip(run.classes, judged.figures.get("outputs", ()), strict=False)]
    figures = {**judged.figures, "outputs": rows} if rows else dict(judged.figures)
    return Evaluation(
        part=part,
        correct=0,
        total=total,
        accuracy=nan,
        interval=judged.interval,
        loss=judged.loss,
        left_out=left_out,
        engine=engine,
        task=run.task.name,
        merit=judged.merit,
        figures=write_plain(figures),
    )


def find_baseline(run: Run, inputs: NDArray[Any], labels: NDArray[Any]) -> dict[str, Any] | None:
    """The figures of what needs no network, of samples with these labels; None where there is nothing to say."""
    from striate.train.baseline import judge_persistence

    found = judge_persistence(inputs, labels, run.reading, numbers=run.task.name == "regress")
    return None if found is None else write_plain(found.to_dict())


def write_plain(value: Any) -> Any:
    """Nested figures as JSON has them: None for what isn't finite, lists for tuples."""
    if isinstance(value, dict):
        return {key: write_plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [write_plain(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def arrange_labels(labels: NDArray[Any], dataset: Dataset, run: Run) -> NDArray[Any]:
    """The data's labels in the order of the run's outputs, by their names.

    Raises:  DataError for an output that the data lack, or have and the run doesn't.
    """
    if run.task.name not in ("labels", "regress", "segment") or dataset.classes == run.classes:
        return labels
    if run.task.name == "segment":
        return _renumber(labels, dataset, run)
    strange = sorted(set(dataset.classes) ^ set(run.classes))
    if run.task.name == "regress" and strange:
        found = f"{dataset.source}: found the columns {', '.join(dataset.classes[:8])}"
        raise DataError(f"{found}, needed {', '.join(run.classes[:8])}, as the run knows them. Name them so")
    extra = [name for name in dataset.classes if name not in run.classes]
    if extra:
        known = ", ".join(run.classes[:8]) + (", ..." if len(run.classes) > 8 else "")
        found = f"{dataset.source}: found label `{extra[0]}`"
        raise DataError(f"{found}, needed one that the run knows ({known}). Rename the label or leave it out")
    return _pick(labels, [dataset.classes.index(name) if name in dataset.classes else -1 for name in run.classes])


def _renumber(labels: NDArray[Any], dataset: Dataset, run: Run) -> NDArray[np.uint8]:
    """Masks with the run's class numbers, by the classes' names; 255 stays.

    Raises:  DataError for a class that the run doesn't know.
    """
    import numpy as np

    strange = next((name for name in dataset.classes if name not in run.classes), None)
    if strange is not None:
        known = ", ".join(run.classes[:8]) + (", ..." if len(run.classes) > 8 else "")
        found = f"{dataset.source}: found class `{strange}` in the masks"
        raise DataError(f"{found}, needed one that the run knows ({known}). Renumber the masks")
    table = np.full(256, 255, np.uint8)
    table[: len(dataset.classes)] = [run.classes.index(name) for name in dataset.classes]
    return np.asarray(table[labels])


def _pick(labels: NDArray[Any], places: list[int]) -> NDArray[np.bool_]:
    """Columns by place; -1 is one that no sample has."""
    import numpy as np

    blank = np.zeros(len(labels), dtype=labels.dtype)
    return np.stack([blank if place < 0 else labels[:, place] for place in places], axis=1)
