"""Moments of a run: what its network looks like, and answers, at each checkpoint that the training leaves.

Only the run's folder is read, so a training that goes on isn't asked for anything and waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.verbs.runs import Run, read_settings, reload_data, restore_network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from striate.data import Dataset, Part
    from striate.explain.units.moments import UnitKernels, UnitMaps
    from striate.train.checkpoint import Checkpoint

SAMPLES = 12
MOST_MAP_BYTES = 1 << 18  # of a moment's maps: of as many samples as fit, the chosen one in any case


@dataclass(frozen=True, eq=False)
class Held:
    """Samples that a run held out: as the network's recipe takes them, with their targets; `places` in their part."""

    inputs: NDArray[Any] = field(repr=False)
    targets: NDArray[Any] = field(repr=False)
    places: NDArray[np.int64]
    names: tuple[str, ...]
    part: str = "validation"


@dataclass(frozen=True, eq=False)
class Moment:
    """A run after `step` steps and `epoch` whole epochs; `whole`: no further step of an epoch has been taken.

    `maps` are by sample; `answers` what the task tells of each sample, None where it has no such answer.
    """

    step: int
    epoch: int
    whole: bool
    kernels: tuple[UnitKernels, ...]
    maps: Mapping[int, tuple[UnitMaps, ...]]
    answers: NDArray[Any] | None = field(repr=False)


class Witness:
    """A run's network, looked at with the weights of its checkpoints; nothing of the run is changed."""

    def __init__(self, path: str | Path) -> None:
        """Build the network; the data are read by `choose_samples`.

        Raises:  RunError where there is no run, or no whole one.
        """
        from striate.train import RunFolder

        self.folder = RunFolder.open(path)
        self.settings = read_settings(self.folder)
        net, module = restore_network(self.folder, self.settings)
        self.run = Run(self.folder.path, net, module.eval(), tuple(self.settings["classes"]), (), self.settings)
        self.held: Held | None = None

    def choose_samples(self, count: int = SAMPLES) -> Held:
        """Draw samples of the validation part, or of another held-out one; of classes as many of each as can be.

        Cost:    the run's data are read, from their cache where there is one.
        Raises:  RunError or DataError where the data can't be had, or nothing of them was held out.
        """
        part, name = _find_held(reload_data(self.run.path, self.settings, None, "train(net, data)"))
        places = draw_places(part, count, self.settings["seed"], self.run.task.name == "classify")
        inputs, targets = _hold_out(self.run, part, places)
        names = tuple(str(part.names[int(place)]) for place in places)
        return Held(inputs, targets, places, names, name)

    def list_steps(self) -> list[int]:
        """The steps whose checkpoints are there, the earliest first."""
        from striate.train.checkpoint import list_steps

        return list_steps(self.folder.state)

    def look(self, step: int, chosen: int = 0) -> Moment | None:
        """Look at the checkpoint of a step; None where it is gone by now, or not whole.

        `chosen` is the sample whose maps are wanted in any case.
        """
        from striate.train.checkpoint import DAMAGE, find_path, load

        try:
            checkpoint = load(find_path(self.folder.state, step))
        except DAMAGE:
            return None
        try:
            self.run.module.load_state_dict(read_judged(checkpoint))
        except RuntimeError:  # of another network: that of a run that was begun anew in this folder
            return None
        return self._view(checkpoint, chosen)

    def _view(self, checkpoint: Checkpoint, chosen: int) -> Moment:
        from striate.explain.units.moments import view_unit_kernels

        whole = not checkpoint.meter.get("seen")
        answers = None if self.held is None else answer_held(self.run, self.held)
        maps = {} if self.held is None else dict(self._list_maps(self.held, chosen))
        kernels = view_unit_kernels(self.run.module, self.run.input)
        return Moment(checkpoint.step, checkpoint.epoch, whole, kernels, maps, answers)

    def _list_maps(self, held: Held, chosen: int) -> Iterator[tuple[int, tuple[UnitMaps, ...]]]:
        """The maps of the chosen sample, then of the others as far as they are small."""
        from striate.explain.units.moments import view_unit_maps

        spent = 0
        chosen = min(chosen, len(held.names) - 1)
        for sample in (chosen, *(each for each in range(len(held.names)) if each != chosen)):
            found = view_unit_maps(self.run.module, normalise_held(self.run, held, sample))
            spent += sum(each.values.nbytes for each in found)
            if spent > MOST_MAP_BYTES and sample != chosen:
                return
            yield sample, found


def read_judged(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """The weights by which a run is judged, and with which it would end: the averaged ones where it averages."""
    kinds: dict[str, dict[str, Tensor]] = {"weights": {}, "slow": {}, "average": {}}
    for name, value in checkpoint.tensors.items():
        kind, _, rest = name.partition(".")
        if kind in kinds:
            kinds[kind][rest] = value
    return {**kinds["weights"], **(kinds["average"] or kinds["slow"])}


def answer_held(run: Run, held: Held) -> NDArray[Any] | None:
    """What the run's task tells of each sample; None where it has no such answer."""
    from striate.engine import Engine
    from striate.train import compute_logits

    try:
        outputs = compute_logits(run.module, held.inputs, run.recipe, Engine(), task=run.task, condensed=True)
        return run.task.answer(outputs, run.recipe)
    except InputError:
        return None


def normalise_held(run: Run, held: Held, sample: int) -> Tensor:
    """One sample as the network takes it, [1, channels, *extents]."""
    import torch

    from striate.train.batches import normalise

    return normalise(torch.as_tensor(held.inputs[sample : sample + 1]), run.recipe)


def draw_places(part: Part, count: int, seed: int, of_classes: bool) -> NDArray[np.int64]:
    """Places of at most `count` samples, drawn by chance; of classes one of each in turn, in the classes' order."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(part))
    if not of_classes:
        return np.sort(order[:count])
    labels = np.asarray(part.labels)[order]
    turns = np.zeros(len(order), np.int64)  # the how many-th of its class each one is
    for label in np.unique(labels):
        turns[labels == label] = np.arange(np.count_nonzero(labels == label))
    return order[np.lexsort((labels, turns))[:count]]


def _find_held(dataset: Dataset) -> tuple[Part, str]:
    for part, name in ((dataset.val, "validation"), (dataset.test, "test")):
        if part is not None and len(part):
            return part, name
    raise DataError(f"{dataset.source}: found nothing that was held out, needed some samples. Train on more")


def _hold_out(run: Run, part: Part, places: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Samples and targets as the task's own validation has them: of restoring, damaged ones and the clean."""
    import numpy as np
    import torch

    inputs = torch.as_tensor(np.array(part.inputs[places]))
    targets = np.array(part.labels[places])
    if run.task.name not in ("restore", "continue"):
        return inputs.numpy(), targets
    taken = run.task.read_targets(torch.as_tensor(targets), inputs, "held-out")
    found, wanted = run.task.hold_out(inputs, taken, torch.as_tensor(places), run.recipe)
    return found.numpy(), wanted.numpy()
