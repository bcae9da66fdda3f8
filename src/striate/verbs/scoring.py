"""evaluate and predict: what a finished run says to data it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, RunError
from striate.nets import write_shape
from striate.verbs.answering import Choice, Say, answer, keep
from striate.verbs.evaluation import Evaluation
from striate.verbs.judging import arrange_labels, find_baseline, judge_outputs
from striate.verbs.ranks import check_alike, together
from striate.verbs.runs import TRAINED, Run, load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from striate.data import Dataset, Part
    from striate.engine import Engine

Hear = Callable[[int, int], None]


@together
def evaluate(
    run: Run | str | Path,
    data: Any,
    *,
    engine: str | Engine = "auto",
    precision: str | None = None,
    layout: str | None = None,
    threads: int | None = None,
    on_data: Hear | None = None,
    on_score: Hear | None = None,
) -> Evaluation:
    """Score a run on data: on its `test` part, else its `val` part, else on what the run was not trained on.

    `on_data(done, total)` hears how far decoding is, `on_score` how far scoring.
    Of other data than the run's own, samples that the run was trained on are left out, byte for byte, and counted.
    `engine` and what follows it are as in `predict`; the evaluation's `engine` says what it came to.

    Raises:  DataError for data without a class that the run knows, or with one that it doesn't; InputError for an
             engine that isn't installed.
    """
    from striate.train.batches import read_samples
    from striate.train.judging import share_out

    run = run if isinstance(run, Run) else load(run)
    dataset, name = _fetch(run, data, on_data)
    part, left_out = dataset.val if name == "val" else dataset.test, 0
    if part is not None and dataset.fingerprint != run.settings["data"]["fingerprint"]:
        part, left_out = _leave_out_trained(run, part)
    if part is None or not len(part):
        found = f"{dataset.source}: found no sample that the run was not trained on"
        raise DataError(f"{found}, needed some. Give other data")
    known = run.task.name == "classify"
    labels = _translate(part.labels, dataset, run) if known else arrange_labels(part.labels, dataset, run)
    check_alike("scored", [dataset.fingerprint, len(labels)])
    labelled: list[str] = []

    choice = Choice(engine, precision, layout, threads)
    samples = read_samples(part.inputs, labels, run.recipe, name, run.task)

    def keep_part(places: slice) -> NDArray[np.float32]:
        kept, label = keep(run, samples.cut(places), choice, places.start, on_score)
        labelled.append(label)
        return kept

    kept = share_out(keep_part, samples.count)
    result = judge_outputs(run, kept, labels, name, left_out, labelled[0])
    return replace(result, baseline=find_baseline(run, part.inputs, labels))


def predict(
    run: Run | str | Path,
    inputs: Any = None,
    *,
    texts: Sequence[str] | None = None,
    engine: str | Engine = "auto",
    precision: str | None = None,
    layout: str | None = None,
    threads: int | None = None,
    say: Say | None = None,
    on_data: Hear | None = None,
    on_score: Hear | None = None,
) -> NDArray[np.float64]:
    """Class probabilities for files (or folders of them), or for an array of inputs; of a regression the numbers.

    `inputs` is a path, a list of paths, or an array [N, channels, *extents] (uint8, or floats from 0 to 1); of a run
    of words also `texts` in its place, a list of them.
    `engine`: "torch" is the engine that the run was trained on, with batch norms folded; "auto" the same, except that
    long work is probed for what is fastest; "onnxruntime" and "openvino" are other runtimes, where they are installed;
    or an Engine. `precision`, `layout` and `threads` settle a part of it. `say` hears where the answers are of another
    precision than the run was trained in.

    Shape:   [N, classes], rows summing to 1 (several labels each by itself, numbers in the data's own units), in the
             order of the inputs; a folder's pictures by name.
    Raises:  DataError for a file that can't be read, or an array of another shape or scale; InputError for
             an engine that isn't installed.
    """
    from striate.data.files import load_files, name_sample

    choice = Choice(engine, precision, layout, threads)
    run = run if isinstance(run, Run) else load(run)
    if texts is not None:
        from striate.verbs.wording import read_texts

        inputs = read_texts(run, texts)
    paths = [inputs] if isinstance(inputs, str | Path) else inputs
    if not isinstance(paths, Sequence) or not all(isinstance(path, str | Path) for path in paths):
        return score_array(run, inputs, on_score, choice, say)
    pictures = list_pictures(paths, run.reading)
    values, _, set_aside = load_files(
        pictures, extents=run.input[1:], channels=run.input[0], report=on_data, reading=run.reading
    )
    if set_aside:
        needed = name_sample(run.reading)
        raise DataError(f"{set_aside[0].name}: {set_aside[0].reason}, needed {needed}. Leave it out")
    return score_array(run, values, on_score, choice, say)


def list_pictures(paths: Sequence[str | Path], reading: Mapping[str, Any] | None = None) -> list[Path]:
    """The files that are named; in a folder's place its pictures (or what else the network reads), by name.

    Raises:  DataError for a folder without one.
    """
    from striate.data.files import list_files

    return list_files(paths, reading)


def score_array(
    run: Run, inputs: Any, on_score: Hear | None = None, choice: Choice | None = None, say: Say | None = None
) -> NDArray[np.float64]:
    """Class probabilities for an array [N, channels, *extents] of bytes, or of floats from 0 to 1."""
    import numpy as np

    values = np.asarray(inputs)
    if values.shape[1:] != run.input:
        found, needed = write_shape(values.shape[1:]) or "single numbers", write_shape(run.input)
        raise DataError(f"inputs: found {found} each, needed {needed}. Give an array [N, {needed.replace('x', ', ')}]")
    outputs = answer(run, read_values(values, free=is_free(run)), choice or Choice(), on_score, say)[0]
    return run.task.answer(outputs, run.recipe)


def is_free(run: Run) -> bool:
    """Whether a run's inputs go beyond full scale: series have the user's own, and damage may exceed it."""
    return (run.reading or {}).get("kind") == "series" or run.task.name == "restore"


def read_values(values: NDArray[Any], where: str = "inputs", *, free: bool = False) -> NDArray[Any]:
    """Bytes and int16 as they are, floats from 0 to 1 (where `free`, any) in single precision.

    Raises: DataError for any other values.
    """
    import numpy as np

    if values.dtype not in (np.uint8, np.int16) and values.dtype.kind != "f":
        raise DataError(
            f"{where}: found values of type {values.dtype}, needed uint8, or floats from 0 to 1. Convert them"
        )
    if free and values.dtype.kind == "f" and np.isfinite(values).all():
        return values.astype(np.float32)
    if values.dtype.kind == "f" and values.size:
        low, high = values.min(), values.max()
        if not (low >= 0 and high <= 1):  # which NaN isn't either
            found = f"{where}: found values from {low:g} to {high:g}"
            raise DataError(f"{found}, needed bytes, or floats from 0 to 1. Scale them as the training data were")
        values = values.astype(np.float32)
    return values


def _fetch(run: Run, data: Any, on_data: Hear | None) -> tuple[Dataset, str]:
    """The data, and which part of them to score: "test", "val", or "all" (then `test` holds every sample)."""
    from striate.data import load_dataset

    grouping = run.settings["data"].get("grouping")

    def fetch(*, split: bool) -> Dataset:
        size: dict[str, Any] = {"extents": run.input[1:], "channels": run.input[0], "reading": run.reading}
        size["task"] = run.task.name
        size["grouping"] = grouping if split else None  # other data may know no such groups
        return load_dataset(data, seed=run.settings["seed"], split=split, report=on_data, **size)

    try:
        dataset = fetch(split=True)
    except DataError:  # too few classes to train on are enough to score; any other fault is met again
        dataset = fetch(split=False)
        return dataset, "test" if dataset.official else "all"
    if dataset.test is None and dataset.val is not None:
        return dataset, "val"
    held_out = dataset.official or dataset.fingerprint == run.settings["data"]["fingerprint"]
    if dataset.test is not None and held_out:
        return dataset, "test"
    return fetch(split=False), "all"


def _leave_out_trained(run: Run, part: Part) -> tuple[Part, int]:
    """The samples whose bytes the run was not trained on."""
    import numpy as np

    from striate.data import Part, hash_samples

    listed = run.path / TRAINED
    if not listed.is_file():
        return part, 0
    try:
        trained = np.array([int(line, 16) for line in listed.read_text(encoding="ascii").split()], dtype=np.uint64)
    except (ValueError, OverflowError):
        raise RunError(f"{listed}: found other lines than samples' hashes, needed those. Restore the file") from None
    keep = np.flatnonzero(~np.isin(hash_samples(part.inputs), trained))
    if len(keep) == len(part):
        return part, 0
    names = [part.names[int(place)] for place in keep]
    return Part(part.inputs[keep], part.labels[keep], names), len(part) - len(keep)


def _translate(labels: NDArray[np.int64], dataset: Dataset, run: Run) -> NDArray[np.int64]:
    """The data's class numbers as the run's, by the classes' names."""
    import numpy as np

    classes = dataset.classes
    used = sorted({int(label) for label in np.unique(labels)})
    strange = [classes[label] for label in used if classes[label] not in run.classes]
    if strange:
        known = ", ".join(run.classes[:8]) + (", ..." if len(run.classes) > 8 else "")
        found = f"{dataset.source}: found class `{strange[0]}`"
        raise DataError(f"{found}, needed one that the run knows ({known}). Rename the class or leave it out")
    places = np.array([run.classes.index(name) if name in run.classes else -1 for name in classes], dtype=np.int64)
    return places[labels]
