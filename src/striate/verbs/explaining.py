"""explain: where in each input a network's answer comes from, of a run or of any module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.verbs.looking import look_at_run
from striate.verbs.runs import Run, load
from striate.verbs.scoring import Hear
from striate.verbs.wording import list_words, read_texts, refuse_symbols

if TYPE_CHECKING:
    from torch import Tensor, nn

    from striate.explain import Heat
    from striate.explain.look import Look

MEANINGS = {"classify": "classes", "labels": "labels", "regress": "numbers", "segment": "cells"}
"""What the scores of a task's network stand for."""

MOST_SAMPLES = 1000
"""How many samples of a run's data are searched for what a unit likes."""


def explain(
    subject: Run | str | Path | nn.Module,
    inputs: Any = None,
    *,
    method: str = "gradcam",
    target: Any = None,
    layer: str | None = None,
    unit: int | None = None,
    trust: bool = False,
    seed: int = 0,
    data: Any = None,
    on_progress: Hear | None = None,
    texts: Sequence[str] | None = None,
    patches: bool = True,
) -> Heat:
    """Find where in each input a network's answer comes from; the network is left as it was, to the bit.

    A run takes inputs as `predict` does: files, or an array of bytes or of floats from 0 to 1, and normalises them as
    it was trained; a module takes a tensor [batch, channels, *extents] as it goes into it. `target` is the class to
    ask about, by number, or of a run by name; a list has one for each input; left out, it is the one of the highest
    score. `layer` is a module's path, left out the last that still has places. With `trust` comes how far the picture
    can be believed, which takes many passes. `data` is what a unit's favourites are looked for in (a module's as a
    tensor; a run knows its own), where the method shows some and `patches` are wanted. `texts` stand in the place of
    inputs of a run of words.

    Shape:   heat.values [batch, *extents].
    Raises:  InputError for a method, layer, unit or class that there isn't, and for what a method can't do; DataError
    for a
             file that can't be read.
    Source:  each method names its own; `striate.explain.methods.catalogue`.
    """
    from torch import nn

    from striate.explain import explain_module
    from striate.explain.explaining import find_method
    from striate.explain.methods.catalogue import SMOOTH

    asked: dict[str, Any] = {
        "method": method, "layer": layer, "unit": unit, "trust": trust, "seed": seed, "on_progress": on_progress
    }  # fmt: skip
    if isinstance(subject, nn.Module):
        return explain_module(subject, inputs, target=_read_numbers(target), samples=data, **asked)
    if not isinstance(subject, Run | str | Path):
        raise InputError(f"explain: found {type(subject).__name__}, needed a run or a torch.nn.Module. Give one")
    run = subject if isinstance(subject, Run) else load(subject)
    check_explained(run)
    if find_method(method).name in SMOOTH:
        refuse_symbols(run, method, "occlusion, rise or gradcam")
    inputs = _add_batch(run, inputs) if texts is None else read_texts(run, texts)
    look = look_at_run(run, inputs, data, seed)
    if look.inputs is None:
        raise InputError("inputs: found none, needed files or an array. Name some")
    samples, notes = _fetch_samples(look) if patches and find_method(method).sampled else (None, ())
    facts = {name: getattr(look, name) for name in ("names", "classes", "rate", "mean", "std")}
    facts["words"], facts["meaning"] = list_words(run, look.inputs), MEANINGS.get(run.task.name, "classes")
    heat = explain_module(look.module, look.inputs, target=read_classes(run, target), samples=samples, **asked, **facts)
    return replace(heat, notes=(*heat.notes, *notes))


def check_explained(run: Run) -> None:
    """Refuse a run that answers with no class or number for the whole input.

    Raises:  InputError, with what can be had instead.
    """
    if run.task.name == "continue":
        raise InputError("explain: found a run for continue, which answers at every moment. Use generate, or measure")
    if run.task.name == "restore":
        raise InputError("explain: found a run for restore, which has no class to explain. Use explore, or measure")


def read_classes(run: Run, target: Any) -> Any:
    """The numbers of classes that are given by name or number, one or several.

    Raises:  InputError for a class that the run doesn't know.
    """
    if isinstance(target, str):
        return _find_class(run, target)
    if isinstance(target, Sequence):
        return [_find_class(run, one) if isinstance(one, str) else one for one in target]
    return target


def _find_class(run: Run, name: str) -> int:
    if name in run.classes:
        return run.classes.index(name)
    if name.isdecimal() and int(name) < len(run.classes):
        return int(name)
    known = ", ".join(run.classes[:12]) + (", ..." if len(run.classes) > 12 else "")
    raise InputError(f"target: found no class `{name}`, needed one of {known}")


def _read_numbers(target: Any) -> Any:
    """The same, unless there is a name in it, which only a run could know."""
    several = target if isinstance(target, list | tuple) else [target]
    names = [one for one in several if isinstance(one, str)]
    if names:
        raise InputError(f"target: found `{names[0]}`, but a module knows no names, needed a class's number, such as 0")
    return target


def _add_batch(run: Run, inputs: Any) -> Any:
    """A lone array of a run's shape as a batch of one."""
    shape = getattr(inputs, "shape", None)
    return inputs[None] if shape is not None and tuple(shape) == run.input else inputs


def _fetch_samples(look: Look) -> tuple[Tensor | None, tuple[str, ...]]:
    """Samples of the run's data; without them, why."""
    if look.fetch is None:
        return None, ("the run's data aren't at hand, so what the unit likes isn't shown. Give data",)
    try:
        return look.fetch(MOST_SAMPLES)[0], ()
    except (DataError, InputError) as problem:
        return None, (f"what the unit likes isn't shown: {problem}",)
