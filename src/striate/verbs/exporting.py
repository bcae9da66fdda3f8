"""export: a network taken away as a file of another program's, held against the module before it is handed on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.nets import Net, place
from striate.nets.export import Exported
from striate.verbs.measuring import read_network
from striate.verbs.paging import tell_page
from striate.verbs.runs import Run
from striate.version import __version__

if TYPE_CHECKING:
    from torch import nn

    from striate.measure.inputs import Given
    from striate.nets.export.subject import Subject


def export(
    subject: Run | Net | nn.Module | str | Path,
    path: str | Path,
    input: Given | None = None,
    classes: int | None = None,
    *,
    whole: bool = False,
    half: bool = False,
    overwrite: bool = False,
) -> Exported:
    """Write a run's network, a module, or a network by its name or text, in the format that the suffix of `path` names.

    `.onnx` and `.pt2` hold the graph, for a batch of any size: as `run.module` takes and gives it, or with `whole` the
    run's normalisation in front and the softmax behind. `.html` is a page that runs the network in a browser and asks
    for inputs as the run's were read; with `half` its weights take half the bytes. `.safetensors` and `.pt` hold the
    weights alone. `input` is channels x extents without the batch, or a tensor; several in a list, keyword inputs in a
    dict; a run and a text with an `input` line know theirs. The module is taken in eval mode and left as it was.

    Raises:  InputError, in one line, for an unknown suffix, a file that is there already (unless `overwrite`), or a
             module that can't be written so.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> exported = export("lenet5", Path(folder.name) / "lenet5.pt2", classes=10)
    >>> exported.parameters, exported.inputs, exported.outputs, exported.agrees
    (61706, {'input': ('N', 1, 28, 28)}, {'output': ('N', 10)}, True)
    >>> folder.cleanup()
    """
    from striate.nets.export.catalogue import find_format
    from striate.nets.export.placing import check_place
    from striate.nets.export.writing import write

    target = Path(path)
    form = find_format(target)
    check_place(target, overwrite=overwrite)
    if whole and not form.has_graph:
        found = f"{target}: found whole=True (--whole), but this format holds weights alone, needed one with a graph"
        raise InputError(f"{found}. Give .onnx or .pt2, or leave it out")
    if form.is_page and whole:
        raise InputError(f"{target}: found whole=True (--whole), which a page is anyway, needed none. Leave it out")
    if half and not form.is_page:
        raise InputError(f"{target}: found half=True (--half), which pages alone have, needed .html. Leave it out")
    network = read_network(subject) if isinstance(subject, str | Path) else subject
    made = make_subject(network, input, classes, whole=whole)
    if form.is_page:
        made = replace(made, about=tell_page(network, made.metadata), half=half)
    return write(made, target, overwrite=overwrite)


def make_subject(
    network: Run | Net | nn.Module, input: Given | None = None, classes: int | None = None, *, whole: bool = False
) -> Subject:
    """The module to write, with its inputs and what is known of it.

    Raises:  InputError for `whole` without a run, and for `classes` where they are settled.
    """
    from striate.nets.export.examples import make_examples
    from striate.nets.export.subject import Subject
    from striate.nets.export.whole import Whole

    if classes is not None and not isinstance(network, Net):
        found = f"export: found classes={classes} for a network whose outputs are settled, needed none"
        raise InputError(f"{found}. Leave it out")
    if whole and not isinstance(network, Run):
        found = "export: found whole=True (--whole) for a network without a run, which knows no mean and std of data"
        raise InputError(f"{found}, needed a run. Leave it out, or train first")
    if whole and isinstance(network, Run) and network.task.name != "classify":
        found = f"export: found whole=True (--whole) for a run that learned to {network.task.name}"
        raise InputError(f"{found}, needed one that tells classes apart, for the softmax. Leave it out")
    if isinstance(network, Run):
        given = network.input if input is None else input
        metadata, module = _tell_run(network, whole=whole), network.module
        if whole:
            recipe = network.recipe
            words = (network.reading or {}).get("kind") == "words"  # numbers go in as they are
            mean, std = ((0.0,), (1.0,)) if words else (recipe.mean, recipe.std)
            module = Whole(module, mean, std, len(network.input) - 1, mirror=recipe.mirror)
        return Subject(module, make_examples(module, given, unit=whole), metadata)
    if isinstance(network, Net):
        return _make_net(network, input, classes)
    module = _check_module(network)
    return Subject(module, None if input is None else make_examples(module, input), _write({}))


def _make_net(net: Net, input: Given | None, classes: int | None) -> Subject:
    """A network from its text, its weights drawn."""
    from striate.nets.build import make_module
    from striate.nets.export.examples import make_examples
    from striate.nets.export.subject import Subject

    found: Any = input
    shape = tuple(found.shape[1:] if hasattr(found, "shape") else found or net.input or ())
    if not all(isinstance(cells, int) for cells in shape):
        found = f"{net.source}: found {input!r} as its input, needed one shape of whole numbers from 1"
        raise InputError(f"{found}. Give one, such as (3, 224, 224)")
    place(net, shape or None, classes)
    module = make_module(net, shape, classes)
    about: dict[str, Any] = {"net": net.text, "input": shape}
    if classes is not None:
        about["classes"] = classes
    return Subject(module, make_examples(module, shape if input is None else input), _write(about))


def _tell_run(run: Run, *, whole: bool) -> dict[str, str]:
    recipe = run.recipe
    about = {"net": run.net.text, "input": run.input, "classes": run.classes, "whole": whole}
    told = {} if run.task.name == "classify" else {"task": run.task.to_dict()}
    return _write({**about, "mean": recipe.mean, "std": recipe.std, "mirror": recipe.mirror, **told})


def _write(about: Mapping[str, Any]) -> dict[str, str]:
    """Texts by name: a network's text as it is, anything else as JSON."""
    told = {name: value if isinstance(value, str) else json.dumps(value) for name, value in about.items()}
    return {**told, "striate": __version__}


def _check_module(network: object) -> nn.Module:
    from torch import nn

    if isinstance(network, nn.Module):
        return network
    found = f"export: found {type(network).__name__}, needed a run, a torch.nn.Module, or a network's name or text"
    raise InputError(f"{found}. Give one")
