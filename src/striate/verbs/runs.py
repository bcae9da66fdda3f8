"""A run: what training left behind in its folder, and how to find it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import RunError
from striate.nets import Net, parse
from striate.verbs.evaluation import Evaluation

if TYPE_CHECKING:
    from torch import nn

    from striate.data import Dataset
    from striate.engine import Engine
    from striate.train import Recipe
    from striate.train.tasks import Task


RESULT = "result.json"
TRAINED = "state/trained.txt"


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run. `module` is in eval mode and takes normalised floats; `predict` does that for you.

    `settings` is what stands in settings.json; `history` holds a record per epoch; `result` says how well the run did
    on the part of its data that it held out.
    """

    path: Path
    net: Net
    module: nn.Module = field(repr=False)
    classes: tuple[str, ...]
    history: tuple[dict[str, Any], ...] = field(repr=False)
    settings: dict[str, Any] = field(repr=False)
    result: Evaluation | None = None

    @property
    def input(self) -> tuple[int, ...]:
        """Channels x extents of one input."""
        return tuple(self.settings["input"])

    @property
    def reading(self) -> dict[str, Any] | None:
        """How its data were read, for what is read in the same way; None where size and channels say it all."""
        reading: dict[str, Any] | None = self.settings.get("data", {}).get("reading")
        return reading

    @property
    def task(self) -> Task:
        """What it learned."""
        from striate.train.tasks import restore_task

        return restore_task(self.settings.get("task", {"name": "classify"}))

    @property
    def rate(self) -> int | None:
        """Samples per second of a network that listens to waveforms; None for any other."""
        reading = self.reading or {}
        heard = reading.get("kind") == "sound" and reading.get("view") != "spectrogram"
        return int(reading["rate"]) if heard else None

    @property
    def recipe(self) -> Recipe:
        """How it was trained, and how inputs are normalised."""
        from striate.train import Recipe

        return Recipe.from_dict(self.settings["recipe"])

    @property
    def engine(self) -> Engine:
        """In which precision and layout it was trained; the processor's plain one where its device isn't here."""
        return restore_engine(self.settings)


def load(path: str | Path) -> Run:
    """Load a finished run from its folder.

    Raises:  RunError if there is no such folder, or the run isn't finished, or a file in it is damaged.
    """
    from striate.train import RunFolder

    folder = RunFolder.open(path)
    settings = read_settings(folder)
    net, module = restore_network(folder, settings)
    weights = folder.read_weights()
    try:
        module.load_state_dict(weights)
    except RuntimeError as problem:
        reason = str(problem).splitlines()[1:2]
        raise RunError(
            f"{path}: the weights are those of another network ({' '.join(reason).strip()}). Restore net.txt"
        ) from None
    return Run(
        folder.path,
        net,
        module.eval(),
        tuple(settings["classes"]),
        folder.read_history(),
        settings,
        _read_result(folder),
    )


def _read_result(folder: Any) -> Evaluation | None:
    """The run's own score, as the training wrote it; None where nothing could be held out."""
    if not (folder.path / RESULT).exists():
        return None
    values = folder.read_json(RESULT)
    try:
        values = {"correct": 0, "accuracy": nan, **values} if "task" in values else values
        return Evaluation(**{**values, "interval": tuple(values["interval"])})
    except (TypeError, KeyError):
        raise RunError(
            f"{folder.path / RESULT}: found other entries than a result's, needed those. Restore the file, or"
            " take it away"
        ) from None


NEEDED = ("input", "classes", "recipe", "engine", "data", "seed")


def read_settings(folder: Any) -> dict[str, Any]:
    """The settings of a run folder, checked to be whole."""
    if not (folder.path / "settings.json").exists():
        raise RunError(
            f"{folder.path}: found no settings.json, needed it: was the run stopped before it began?"
            " Restore the file, or train anew in another folder"
        )
    settings = folder.read_json("settings.json")
    missing = [key for key in NEEDED if not isinstance(settings, dict) or key not in settings]
    if missing:
        raise RunError(
            f"{folder.path}/settings.json: found no `{missing[0]}`, needed it. Restore the file, or train anew"
        )
    return dict(settings)


def restore_engine(settings: dict[str, Any]) -> Engine:
    """The run's engine; the processor's plain one where this machine lacks its device, eager without a compiler."""
    import torch

    from striate.engine import Engine, can_compile

    engine = Engine.from_dict(settings["engine"])
    if not engine.is_cpu and not torch.cuda.is_available():
        return Engine(threads=torch.get_num_threads())
    return replace(engine, compiled=engine.compiled and can_compile(engine.device))


def reload_data(
    path: Path, settings: dict[str, Any], data: Any, call: str, on_data: Callable[[int, int], None] | None = None
) -> Dataset:
    """The very data that a run was begun on, at its size; `call` is how arrays in memory are given.

    Raises:  RunError if the data can't be had, or have changed since.
    """
    from striate.data import load_dataset

    about, shape = settings["data"], tuple(settings["input"])
    if data is None and about["in_memory"]:
        found = f"{path}: was trained on arrays in memory, which are not in the folder"
        raise RunError(f"{found}. Give them: {call}")
    source = about["source"] if data is None else data
    size: dict[str, Any] = {"extents": shape[1:], "channels": shape[0], "reading": about.get("reading")}
    size["grouping"] = about.get("grouping")
    size["task"] = settings.get("task", {}).get("name")
    dataset = load_dataset(source, seed=settings["seed"], report=on_data, **size)
    if dataset.fingerprint != about["fingerprint"]:
        found = f"{path}: the data in {dataset.source} have changed since the run began"
        raise RunError(f"{found}, needed the same. Restore them or train anew")
    return dataset


def read_net(folder: Any) -> Net:
    """The run's network as its text says it."""
    return parse(folder.read_text("net.txt"), str(folder.path / "net.txt"))


def restore_network(folder: Any, settings: dict[str, Any], *, pretrained: bool = False) -> tuple[Net, nn.Module]:
    """The run's network as it was before the first step; a backbone's trained weights only where they are asked for."""
    net = read_net(folder)
    return net, rebuild(net, settings, pretrained=pretrained)


def rebuild(net: Net, settings: dict[str, Any], *, pretrained: bool = False) -> nn.Module:
    """The module of a network and a run's settings, as it was before the first step."""
    from striate.nets.build import make_module
    from striate.train import Recipe
    from striate.train.preparation import configure_norms

    shape, classes = tuple(settings["input"]), len(settings["classes"])
    module = make_module(net, shape, classes, seed=settings["seed"], pretrained=pretrained)
    configure_norms(module, Recipe.from_dict(settings["recipe"]))
    return module
