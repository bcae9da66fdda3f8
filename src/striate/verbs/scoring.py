"""evaluate and predict: what a finished run says to data it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError
from striate.nets import write_shape
from striate.verbs.runs import Evaluation, Run, judge, load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from striate.data import Dataset, Part


def evaluate(run: Run | str | Path, data: Any, *, on_data: Callable[[int, int], None] | None = None) -> Evaluation:
    """Score a run on data: on its `test` part, else its `val` part, else on what the run was not trained on.

    Samples that the run was trained on are left out where the data have no split of their own (and counted).

    Raises:  DataError for data without a class that the run knows, or with one that it doesn't.
    """
    from striate.train import compute_logits
    from striate.train.scores import Scores

    run = run if isinstance(run, Run) else load(run)
    part, name, left_out, classes = _find_part(run, data, on_data)
    labels = _translate(part.labels, classes, run)
    scores = Scores(compute_logits(run.module, part.inputs, run.recipe, run.engine), labels)
    return judge(scores, name, left_out)


def predict(run: Run | str | Path, inputs: Any) -> NDArray[np.float64]:
    """Class probabilities for files (or a folder of them), or for an array of inputs.

    `inputs` is a path, a list of paths, or an array [N, channels, *extents] (uint8, or floats from 0 to 1).

    Shape:   [N, classes], rows summing to 1, in the order of the inputs.
    Raises:  DataError for a file that can't be read, or an array of another shape.
    """
    from striate.data import load_files

    run = run if isinstance(run, Run) else load(run)
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    if not isinstance(inputs, Sequence):
        return score_array(run, inputs)
    values, _, set_aside = load_files(list(inputs), extents=run.input[1:], channels=run.input[0])
    if set_aside:
        raise DataError(f"{set_aside[0].name}: {set_aside[0].reason}, needed a picture. Leave it out")
    return score_array(run, values)


def score_array(run: Run, inputs: Any) -> NDArray[np.float64]:
    """Class probabilities for an array [N, channels, *extents] of bytes, or of floats from 0 to 1."""
    import numpy as np

    from striate.train import compute_logits
    from striate.train.scores import softmax

    values = np.asarray(inputs)
    if values.shape[1:] != run.input:
        found, needed = write_shape(values.shape[1:]) or "single numbers", write_shape(run.input)
        raise DataError(f"inputs: found {found} each, needed {needed}. Give an array [N, {needed.replace('x', ', ')}]")
    return softmax(compute_logits(run.module, values, run.recipe, run.engine))


def _find_part(
    run: Run, data: Any, on_data: Callable[[int, int], None] | None
) -> tuple[Part, str, int, tuple[str, ...]]:
    """The samples to score, what they are called, how many were left out, and the data's classes."""
    from striate.data import load_dataset

    def fetch(*, split: bool) -> Dataset:
        seed, extents, channels = run.settings["seed"], run.input[1:], run.input[0]
        return load_dataset(data, seed=seed, extents=extents, channels=channels, split=split, report=on_data)

    try:
        dataset = fetch(split=True)
    except DataError:  # too few classes to train on are enough to score; any other fault is met again
        dataset = fetch(split=False)
    else:
        if dataset.fingerprint == run.settings["data"]["fingerprint"] or dataset.official or dataset.test is None:
            name = "val" if dataset.test is None else "test"
            return _require(dataset.val if dataset.test is None else dataset.test, data), name, 0, dataset.classes
        dataset = fetch(split=False)
    part, left_out = _leave_out_trained(run, _require(dataset.test, data))
    return _require(part, data), "all", left_out, dataset.classes


def _leave_out_trained(run: Run, part: Part) -> tuple[Part, int]:
    """The samples whose bytes the run was not trained on."""
    import numpy as np

    from striate.data import Part, hash_samples

    listed = run.path / "state" / "trained.txt"
    if not listed.is_file():
        return part, 0
    trained = np.array([int(line, 16) for line in listed.read_text(encoding="ascii").split()], dtype=np.uint64)
    keep = np.flatnonzero(~np.isin(hash_samples(part.inputs), trained))
    if len(keep) == len(part):
        return part, 0
    names = [part.names[int(place)] for place in keep]
    return Part(part.inputs[keep], part.labels[keep], names), len(part) - len(keep)


def _translate(labels: NDArray[np.int64], classes: tuple[str, ...], run: Run) -> NDArray[np.int64]:
    """The data's class numbers as the run's, by the classes' names."""
    import numpy as np

    used = sorted({int(label) for label in np.unique(labels)})
    strange = [classes[label] for label in used if classes[label] not in run.classes]
    if strange:
        known = ", ".join(run.classes[:8]) + (", ..." if len(run.classes) > 8 else "")
        raise DataError(
            f"found class `{strange[0]}`, needed one that the run knows ({known}). Rename the class or leave it out"
        )
    places = np.array([run.classes.index(name) if name in run.classes else -1 for name in classes], dtype=np.int64)
    return places[labels]


def _require(part: Part | None, data: Any) -> Part:
    if part is None or not len(part):
        raise DataError(f"{data}: found no sample that the run was not trained on, needed some. Give other data")
    return part
