"""Inputs made for objectives, as a view shows them: on the scale of pictures, with what each was made for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.ascent.climb import Climb, Steps, climb
from striate.explain.ascent.objectives import Objective
from striate.explain.ascent.painting import Bounds, Canvas
from striate.explain.ascent.wobble import Wobble
from striate.explain.look import Look

SETTINGS: Mapping[str, Any] = {
    "size": None,
    "steps": 256,
    "rate": 0.05,
    "starts": 4,
    "parametrisation": "fourier",
    "limit": "range",
    "jitter": None,
    "rotation": 5.0,
    "scaling": 0.05,
}
"""The options of every view that climbs. Without a size the input's own; without jitter a sixteenth of the extents."""
MOST_ROWS, MOST_VALUES = 64, 2**22  # inputs, and values of all of them, that climb at once
SPREAD = 2.0  # of a network's inputs around 0, where nothing is known of them but that they are normalised


@dataclass(frozen=True)
class Visualisation:
    """Inputs that were made, one for each objective.

    `images` are [count, channels, *extents] on the scale from 0 to 1, `inputs` the same as the network takes them.
    `objective` is what each was made for, `started` what it was for the best random beginning and `reached` what it
    came to; `history` [count, steps + 1] has the way between. `sources` are the inputs that caricatures were made of,
    on the scale from 0 to 1.
    """

    title: str
    images: Tensor = field(repr=False)
    inputs: Tensor = field(repr=False)
    labels: tuple[str, ...]
    captions: tuple[str, ...]
    objective: tuple[str, ...]
    started: tuple[float, ...]
    reached: tuple[float, ...]
    history: Tensor = field(repr=False)
    layer: str | None = None
    sources: Tensor | None = field(default=None, repr=False)
    rate: int | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many inputs were made."""
        return len(self.images)


def visualise(look: Look, objectives: Sequence[Objective], **about: Any) -> Visualisation:
    """Make the inputs for objectives by the settings of a look; `about` are further fields of the result.

    Raises:  InputError as `climb` does.
    """
    bounds, notes = find_bounds(look)
    shape = find_shape(look)
    own = next((each for each in look.module.parameters() if each.is_floating_point()), torch.empty(0))
    canvas = Canvas(shape, bounds, look.options["parametrisation"], own.dtype, own.device)
    made = climb(look.module, objectives, canvas, find_steps(look, shape), look.on_progress)
    texts = tuple(each.text for each in objectives)
    captions = tuple(f"{start:.3g} to {end:.3g}" for start, end in zip(made.started, made.reached, strict=True))
    about = {"labels": texts, "captions": captions} | about
    return Visualisation(
        images=find_scale(bounds, made.inputs).cpu(),
        inputs=made.inputs.cpu(),
        objective=texts,
        started=made.started,
        reached=made.reached,
        history=made.history,
        rate=look.rate,
        notes=(*notes, *_note_silent(made, texts)),
        **about,
    )


def find_bounds(look: Look) -> tuple[Bounds, tuple[str, ...]]:
    """Between which values inputs lie: by the normalisation, else as in data or inputs at hand, else a noted guess."""
    limit = look.options["limit"]
    if look.mean:
        pairs = list(zip(look.mean, look.std, strict=True))
        return Bounds(tuple(-m / s for m, s in pairs), tuple((1 - m) / s for m, s in pairs), limit), ()
    known = look.inputs if look.fetch is None else look.fetch(64)[0]
    if known is None:
        channels = look.input[0]
        note = f"values between {-SPREAD:g} and {SPREAD:g}, as if inputs had mean 0 and deviation 1"
        return Bounds((-SPREAD,) * channels, (SPREAD,) * channels, limit), (note,)
    values = known.detach().double().transpose(0, 1).flatten(1)
    low, high = values.min(1).values, values.max(1).values
    high = torch.where(high > low, high, low + 1)
    return Bounds(tuple(low.tolist()), tuple(high.tolist()), limit), ()


def find_scale(bounds: Bounds, inputs: Tensor) -> Tensor:
    """Inputs on the scale from 0 to 1; those that only their length limits by their own least and most."""
    if bounds.limit == "range":
        return bounds.show(inputs)
    flat = inputs.flatten(1)
    reach = flat.abs().amax(1).clamp_min(torch.finfo(flat.dtype).tiny).reshape(-1, *[1] * (inputs.ndim - 1))
    return 0.5 + inputs / (2 * reach)


def find_shape(look: Look) -> tuple[int, ...]:
    """Channels x extents of what is made.

    Raises:  InputError for a size that is none.
    """
    size, axes = look.options["size"], len(look.input) - 1
    if size is None:
        return look.input
    extents = (size,) * axes if isinstance(size, int) else tuple(size) if isinstance(size, tuple | list) else ()
    if len(extents) != axes or not all(isinstance(each, int) and each > 0 for each in extents):
        raise InputError(f"size: found {size!r}, needed a number of cells, or one for each of the {axes} axes")
    return (look.input[0], *extents)


def find_steps(look: Look, shape: Sequence[int]) -> Steps:
    """The settings of a look as those of an ascent.

    Raises:  InputError for a jitter that is no number of cells.
    """
    options = look.options
    jitter = options["jitter"]
    if jitter is None:
        jitter = max(shape[1:]) // 16
    if not isinstance(jitter, int) or isinstance(jitter, bool):
        raise InputError(f"jitter: found {jitter!r}, needed a number of cells, such as 2")
    wobble = Wobble(jitter, options["rotation"], options["scaling"])
    rows = max(1, min(MOST_ROWS, MOST_VALUES // prod(shape)))
    return Steps(options["steps"], options["rate"], options["starts"], look.seed, rows, wobble)


def _note_silent(made: Climb, texts: Sequence[str]) -> tuple[str, ...]:
    """A line on what no step could raise."""
    ends = zip(made.started, made.reached, texts, strict=True)
    silent = [text for start, end, text in ends if not end > start]
    if not silent:
        return ()
    shown = ", ".join(silent[:6]) + (f" and {len(silent) - 6} more" if len(silent) > 6 else "")
    return (f"nothing raised {shown}: silent for all that was tried",)
