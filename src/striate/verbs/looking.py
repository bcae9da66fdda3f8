"""What a view is given to look at: a run with its normalisation and its data, or a module with tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.nets import write_shape
from striate.verbs.runs import Run
from striate.verbs.scoring import is_free, list_pictures, read_values

if TYPE_CHECKING:
    from torch import Tensor, nn

    from striate.explain.look import Look
    from striate.train import Recipe

Fetch = Callable[[int], "tuple[Tensor, Tensor]"]


def look_at_run(run: Run, inputs: Any, data: Any, seed: int) -> Look:
    """A run, its inputs normalised as in training, its data where the run found them."""
    from striate.explain.look import Look

    recipe = run.recipe
    taken, names = (None, ()) if inputs is None else _take_inputs(run, inputs)
    return Look(
        module=run.module,
        input=run.input,
        name=run.path.name,
        inputs=taken,
        names=names,
        classes=run.classes,
        fetch=_fetch_from_run(run, data, seed),
        mean=recipe.mean,
        std=recipe.std,
        rate=run.rate,
    )


def _take_inputs(run: Run, inputs: Any) -> tuple[Tensor, tuple[str, ...]]:
    """Files or an array as the run's network takes them, and what they are called."""
    import numpy as np

    from striate.data.files import load_files, name_sample

    paths = [inputs] if isinstance(inputs, str | Path) else inputs
    if isinstance(paths, Sequence) and paths and all(isinstance(path, str | Path) for path in paths):
        size: dict[str, Any] = {"extents": run.input[1:], "channels": run.input[0], "reading": run.reading}
        values, names, aside = load_files(list_pictures(paths, run.reading), **size)
        if aside:
            raise DataError(f"{aside[0].name}: {aside[0].reason}, needed {name_sample(run.reading)}. Leave it out")
        return _normalise(values, run.recipe, run.module), tuple(names)
    values = np.asarray(inputs)
    if values.shape[1:] != run.input or not len(values):
        found = write_shape(values.shape) or "nothing"
        raise DataError(f"inputs: found {found}, needed [N, {', '.join(map(str, run.input))}]. Give such an array")
    return _normalise(read_values(values, free=is_free(run)), run.recipe, run.module), ()


def _normalise(values: Any, recipe: Recipe, module: nn.Module) -> Tensor:
    """Bytes, or floats from 0 to 1, as the network takes them, beside its weights."""
    import torch

    from striate.train.batches import normalise

    return _place(normalise(torch.as_tensor(values), recipe), module)


def _place(inputs: Tensor, module: nn.Module) -> Tensor:
    """Floats in the type and on the device of the module's own."""
    own = next((each for each in module.parameters() if each.is_floating_point()), None)
    return inputs if own is None or not inputs.is_floating_point() else inputs.to(own.device, own.dtype)


def _fetch_from_run(run: Run, data: Any, seed: int) -> Fetch | None:
    """What draws samples of the part that the run held out, else of its training; read when first asked for."""
    if "data" not in run.settings or (data is None and run.settings["data"]["in_memory"]):
        return None

    @cache
    def read() -> Any:
        from striate.verbs.runs import reload_data

        dataset = reload_data(run.path, run.settings, data, "explore(run, view, data=data)")
        held = [part for part in (dataset.test, dataset.val) if part is not None and len(part)]
        return held[0] if held else dataset.train

    def fetch(count: int) -> tuple[Tensor, Tensor]:
        import torch

        part = read()
        places = _draw(len(part), count, seed)
        labels = torch.as_tensor(part.labels[places.numpy()])
        labels = labels.long() if run.task.name == "classify" else labels
        return _normalise(part.inputs[places.numpy()], run.recipe, run.module), labels

    return fetch


def _draw(total: int, count: int, seed: int) -> Tensor:
    """Places of at most `count` samples of many, drawn evenly, in their order; fewer are a part of more."""
    import torch

    order = torch.randperm(total, generator=torch.Generator().manual_seed(seed))
    return order[: max(0, count)].sort().values


def look_at_module(module: Any, inputs: Any, input: tuple[int, ...] | None, data: Any, seed: int) -> Look:
    """Any module, and tensors as it takes them."""
    from torch import Tensor, nn

    from striate.explain.look import Look

    if not isinstance(module, nn.Module):
        raise InputError(f"subject: found a {type(module).__name__}, needed a run or a torch.nn.Module")
    if inputs is not None and not (isinstance(inputs, Tensor) and inputs.ndim > 1 and len(inputs)):
        raise InputError(
            "inputs: a module takes a tensor [batch, channels, *extents]. Give one, or a run in the module's place"
        )
    pair = _read_pair(data)
    known = [tuple(each.shape[1:]) for each in (inputs, pair[0] if pair else None) if each is not None]
    shape = tuple(input) if input is not None else known[0] if known else None
    if shape is None:
        raise InputError(
            "input: can't be known of a module. Give it as channels x extents, such as input=(3, 224, 224)"
        )
    for each in known:
        if len(each) != len(shape) or each[0] != shape[0]:
            raise InputError(f"inputs: found {write_shape(each)} each, needed {write_shape(shape)}")
    return Look(
        module=module,
        input=shape,
        name=type(module).__name__,
        inputs=None if inputs is None else _place(inputs, module),
        fetch=None if pair is None else _fetch_from_pair(module, *pair, seed),
    )


def _read_pair(data: Any) -> tuple[Tensor, Tensor] | None:
    """Inputs and labels as tensors."""
    from torch import Tensor

    if data is None:
        return None
    if not (isinstance(data, tuple | list) and len(data) == 2 and all(isinstance(each, Tensor) for each in data)):
        raise InputError("data: a module takes (inputs, labels), two tensors. Give such a pair")
    if len(data[0]) != len(data[1]) or not len(data[0]):
        raise InputError(
            f"data: found {len(data[0])} inputs and {len(data[1])} labels, needed as many, and at least one"
        )
    return data[0], data[1]


def _fetch_from_pair(module: nn.Module, inputs: Tensor, labels: Tensor, seed: int) -> Fetch:
    def fetch(count: int) -> tuple[Tensor, Tensor]:
        places = _draw(len(inputs), count, seed)
        return _place(inputs[places.to(inputs.device)], module), labels[places.to(labels.device)]

    return fetch
