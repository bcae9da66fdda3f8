"""explain: a method's answer about a network and a batch of inputs, with nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.explain.heat import Heat
from striate.explain.hooks import untouched
from striate.explain.methods.catalogue import METHODS, Method
from striate.explain.question import (
    Answer,
    Hear,
    Question,
    Target,
    are_finite,
    pick,
    read_targets,
    scores_of,
    settle_targets,
)
from striate.explain.trust import judge_heat


def explain_module(
    module: nn.Module,
    inputs: Tensor,
    method: str = "gradcam",
    target: Target = None,
    layer: str | None = None,
    unit: int | None = None,
    *,
    trust: bool = False,
    seed: int = 0,
    rows: int = 64,
    samples: Tensor | None = None,
    on_progress: Hear | None = None,
    meaning: str = "classes",
    **facts: Any,
) -> Heat:
    """Ask a method where in each input the network's answer comes from; the module is left as it was.

    `inputs` are [batch, channels, *extents] as the module takes them. `target` is a class, one for each input, or None
    for the one of the highest score. `layer` is a module's path, None to have it chosen. At most `rows` inputs pass at
    a time. The module runs in eval mode. With `trust`, it is worked out how far the heat can be believed, which takes
    many passes; `meaning` says on what (see Question). `facts` are what else the heat shall know: names, classes, rate,
    mean, std.

    Shape:   [batch, channels, *extents] -> heat.values [batch, *extents].
    Raises:  InputError for what the method can't do; ShapeError for inputs without extents.
    """
    chosen = find_method(method)
    _check_asked(chosen, layer, unit)
    module = getattr(module, "_orig_mod", module)  # what torch.compile wraps
    with torch.inference_mode(False), torch.enable_grad(), untouched(module):
        inputs = prepare_inputs(module, inputs)
        targets = read_targets(target, len(inputs))
        question = Question(module, inputs, targets, layer, unit, seed, max(rows, 1), samples, on_progress, meaning)
        question, answer = _ask(chosen, question)
        heat = _make_heat(chosen, question, answer, facts)
        return replace(heat, trust=judge_heat(question, heat, chosen.compute)) if trust else heat


def find_method(name: str) -> Method:
    """The method of a name.

    Raises:  InputError, with the names that there are.
    """
    if name not in METHODS:
        raise InputError(f"method: found `{name}`, needed one of {', '.join(METHODS)}")
    return METHODS[name]


def prepare_inputs(module: nn.Module, inputs: Tensor) -> Tensor:
    """The same inputs, out of any graph, where the module's parameters are and of their type.

    Raises:  ShapeError for what isn't a batch with extents; InputError for what aren't finite numbers.
    """
    if not isinstance(inputs, Tensor) or inputs.ndim < 3 or not inputs.numel():
        found = "x".join(map(str, inputs.shape)) if isinstance(inputs, Tensor) else type(inputs).__name__
        raise ShapeError(f"inputs: found {found}, needed a tensor of batch x channels x extents, none of them 0")
    if not inputs.is_floating_point():
        raise InputError(
            f"inputs: found {inputs.dtype}, needed floating numbers as the network takes them. Convert them"
        )
    if not are_finite(inputs):
        raise InputError("inputs: found values that aren't finite, needed numbers")
    like = next((one for one in module.parameters() if one.is_floating_point()), inputs)
    ready = inputs.detach().to(like.device, like.dtype)
    return ready.clone() if ready.is_inference() else ready


def _check_asked(method: Method, layer: str | None, unit: int | None) -> None:
    if layer is not None and not method.layered:
        raise InputError(f"layer: found `{layer}`, but {method.name} looks at no layer. Leave it out")
    if unit is not None and not method.unitary:
        able = ", ".join(name for name, other in METHODS.items() if other.unitary)
        raise InputError(f"unit: found {unit}, but {method.name} looks at no unit, needed one of {able}. Leave it out")
    if isinstance(unit, bool) or (unit is not None and unit < 0):
        raise InputError(f"unit: found {unit}, needed a whole number from 0")


def _ask(method: Method, question: Question) -> tuple[Question, Answer]:
    """Ask about the inputs, some at a time; the question comes back with its targets settled."""
    parts, targets = [], []
    for part in _split(question):
        scores = None
        if not method.single and question.unit is None:
            with torch.no_grad():
                scores = scores_of(part.module, part.inputs)
            part = replace(part, target=settle_targets(scores, part.target))
        answer = method.compute(replace(part, target=part.target.to(part.inputs.device)))
        scores = answer.scores if scores is None else scores
        targets.append(part.target if answer.target is None else answer.target)
        parts.append(replace(answer, values=answer.values.detach().to(question.inputs.dtype), scores=scores))
        question = replace(question, layer=question.layer or answer.layer)
    return replace(question, target=_chain(targets)), _join(parts)


def _split(question: Question) -> Iterator[Question]:
    """The same question of at most `rows` inputs at a time."""
    count, rows = len(question.inputs), question.rows
    if count <= rows:
        yield question
        return
    for start in range(0, count, rows):
        part = slice(start, min(start + rows, count))
        hear = question.on_progress and _share_progress(question.on_progress, part, count)
        yield replace(question, inputs=question.inputs[part], target=question.target[part], on_progress=hear)


def _share_progress(hear: Hear, part: slice, count: int) -> Hear:
    """Tell of a part's progress as that of the whole, in hundredths of an input."""
    return lambda done, total: hear(100 * part.start + 100 * (part.stop - part.start) * done // total, 100 * count)


def _join(parts: Sequence[Answer]) -> Answer:
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    scores = [part.scores for part in parts if part.scores is not None]
    values = _chain([part.values for part in parts])
    return Answer(values, parts[0].layer, notes, _chain(scores) if scores else None, patches=parts[0].patches)


def _chain(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat([*tensors])


def _make_heat(method: Method, question: Question, answer: Answer, facts: Mapping[str, Any]) -> Heat:
    units = (question.unit,) * len(question.inputs) if question.unit is not None else None
    score = () if answer.scores is None or units else tuple(pick(answer.scores, question.target).tolist())
    return Heat(
        answer.values.cpu(),
        method.name,
        units or tuple(question.target.tolist()),
        answer.layer,
        unit=question.unit,
        signed=method.signed,
        score=score,
        inputs=question.inputs.cpu(),
        patches=answer.patches,
        notes=(*answer.notes, *_note_softmax(answer.scores), *_note_empty(answer.values)),
        **facts,
    )


def _note_empty(values: Tensor) -> tuple[str, ...]:
    """What should be known where a heat is zero all over."""
    empty = values.flatten(1).amax(1).tolist().count(0)  # of what is 0 all over the largest is: often that is enough
    if empty:
        empty = len(values) - int(values.flatten(1).any(1).sum())
    if not empty:
        return ()
    if len(values) == 1:
        return ("the heat is zero all over: the method found nothing that speaks for the target",)
    return (f"{empty} of {len(values)} heats are zero all over: the method found nothing that speaks for the target",)


def _note_softmax(scores: Tensor | None) -> tuple[str, ...]:
    """What should be known where the scores are probabilities, whose gradients fade the surer the network is."""
    if scores is None or scores.shape[1] < 2 or float(scores.amin()) < 0:
        return ()
    if bool(((scores.sum(1) - 1).abs() > 1e-3).any()):
        return ()
    return ("the scores seem to have gone through a softmax: what lies before it explains better",)
