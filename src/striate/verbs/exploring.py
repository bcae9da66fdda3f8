"""explore: views of a whole network, of a run or of any module."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.nets import write_shape
from striate.verbs.looking import look_at_module, look_at_run
from striate.verbs.runs import Run, load
from striate.verbs.scoring import Hear
from striate.verbs.wording import refuse_symbols

if TYPE_CHECKING:
    from torch import nn

    from striate.explain.look import Look
    from striate.explain.views import View

NEEDS = {
    "inputs": "needs inputs to look at. Name some: files, or an array",
    "data": "needs a data set. Give data=(inputs, labels)",
    "layer": "needs a layer. Name one by its path, such as layer='conv1'",
}


def explore(
    subject: Run | str | Path | nn.Module,
    what: str,
    inputs: Any = None,
    *,
    input: tuple[int, ...] | None = None,
    layer: str | None = None,
    unit: int | None = None,
    seed: int = 0,
    beside: Any = (),
    data: Any = None,
    on_progress: Hear | None = None,
    **options: Any,
) -> Any:
    """Look at a whole network in one of the ways of `striate.explain.views`; the result is what `report.figure` draws.

    `subject` is a run, or any module. A run takes inputs as `predict` does: files, or an array of bytes or of floats
    from 0 to 1; its data are found again where a view needs them (arrays in memory are given as `data`). A module
    takes tensors as they go into it, data as (inputs, labels), and `input`, channels x extents, where neither is
    given. `beside` are further runs or modules to compare with, of the same input: a list, or by name. `options` are
    the view's own.

    Raises:  InputError for a view or an option that there isn't, and for what a view needs and wasn't given.
    """
    from dataclasses import replace

    from striate.explain.hooks import find_part
    from striate.explain.options import settle_options
    from striate.explain.untouched import untouched
    from striate.explain.views import VIEWS

    if what not in VIEWS:
        raise InputError(f"view: found `{what}`, needed one of {', '.join(sorted(VIEWS))}")
    view = VIEWS[what]
    settled = settle_options(view.name, view.options, options)
    found = load(subject) if isinstance(subject, str | Path) else subject
    if isinstance(found, Run):
        _check_run(found, view)
        look = look_at_run(found, inputs, data, seed)
    else:
        look = look_at_module(found, inputs, input, data, seed)
    look = replace(look, layer=layer, unit=unit, seed=seed, options=settled, on_progress=on_progress)
    _check_needs(view, look)
    if layer is not None:
        find_part(look.module, layer)
    look = replace(look, beside=_find_others(found, look, beside))
    with ExitStack() as stack:
        for module in (look.module, *look.beside.values()):
            stack.enter_context(untouched(module))
        return view.compute(look)


def refuse_views(run: Run) -> dict[str, str]:
    """Which views a run can't have, and why; nothing is looked at for it."""
    from striate.explain.views import VIEWS

    refused = {}
    for name, view in VIEWS.items():
        try:
            _check_run(run, view)
        except InputError as problem:
            refused[name] = str(problem)
    return refused


def _check_run(run: Run, view: View) -> None:
    """Refuse a view that needs another kind of run, before its data are read."""
    if not view.symbols:
        refuse_symbols(run, view.name, "kernels, maps, patches or surface")
    if view.classes and run.task.name != "classify":
        found = f"{view.name}: found a run for {run.task.name}"
        raise InputError(f"{found}, needed one that tells classes apart. Train one")


def _check_needs(view: View, look: Look) -> None:
    """Refuse to begin without what a view can't do without."""
    given = {"inputs": look.inputs is not None, "data": look.fetch is not None, "layer": look.layer is not None}
    for need in view.needs:
        if not given[need]:
            raise InputError(f"{view.name}: {NEEDS[need]}")


def _find_others(subject: Any, look: Look, beside: Any) -> Mapping[str, nn.Module]:
    """The networks to compare with, by name; runs must take what the first one takes."""
    listed = [beside] if isinstance(beside, str | Path | Run) or hasattr(beside, "parameters") else beside
    named = listed.items() if isinstance(listed, Mapping) else ((None, each) for each in listed)
    others: dict[str, nn.Module] = {}
    for name, each in named:
        found = load(each) if isinstance(each, str | Path) else each
        own = name or (found.path.name if isinstance(found, Run) else type(found).__name__)
        label = own if own not in (*others, look.name) else f"{own} {2 + len(others)}"
        others[label] = _check_alike(subject, look, label, found)
    return others


def _check_alike(subject: Any, look: Look, label: str, other: Any) -> nn.Module:
    """A network that takes the very inputs of the first.

    Raises:  InputError for one that doesn't.
    """
    from torch import nn

    if isinstance(other, nn.Module):
        return other
    if not isinstance(other, Run):
        raise InputError(f"beside: found a {type(other).__name__}, needed runs or modules")
    if other.input != look.input:
        raise InputError(f"{label}: takes {write_shape(other.input)}, needed {write_shape(look.input)}, as the first")
    scales = (other.recipe.mean, other.recipe.std)
    if isinstance(subject, Run) and scales != (subject.recipe.mean, subject.recipe.std):
        raise InputError(f"{label}: normalises its inputs otherwise than {look.name}, so that no view fits both")
    return other.module
