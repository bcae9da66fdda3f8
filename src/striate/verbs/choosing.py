"""Which engine a run is trained on: what the user settled, what an earlier probe found, or a probe's finding now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from torch import nn

    from striate.data import Dataset
    from striate.engine import Engine, Pins, Tuned
    from striate.train import Recipe


def read_pins(
    precision: str | None = None, layout: str | None = None, threads: int | None = None, compile: bool | None = None
) -> Pins:
    """What the user settled of an engine.

    Raises:  InputError for values that no machine has.
    """
    from striate.engine import Engine, Pins

    pins = Pins(cast(Any, precision), cast(Any, layout), threads, compile)
    pins.settle(Engine())
    return pins


def choose_engine(
    module: nn.Module,
    dataset: Dataset,
    recipe: Recipe,
    engine: Engine | None,
    pins: Pins,
    *,
    probe: bool | None = None,
    parts: int = 1,
) -> Tuned:
    """The engine for training `module` as the recipe says, tried on one real batch where it isn't known.

    A batch that goes in `parts` is tried by one of them. `probe=False` tries nothing and takes plain fp32, but for the
    pins; `probe=True` tries anew what is known.
    """
    import numpy as np
    import torch

    from striate.engine import Tuned, settle_plain, tune
    from striate.train.batches import count_steps, normalise
    from striate.train.ranks import find_ranks
    from striate.train.schedule import ends_cycle, plan_length

    if engine is not None:
        return Tuned(pins.settle(engine), "given")
    if probe is False:
        return settle_plain(pins)
    rows = find_ranks().take(min(recipe.batch, len(dataset.train)))  # of several processes each trains on a part
    length = plan_length(recipe, count_steps(len(dataset.train), recipe.batch))

    steps = next(
        step for step in range(1, length.steps + 1) if step == length.steps or ends_cycle(recipe, length, step)
    )

    def expect(step: float) -> float:  # to the first moment at which a run with a goal may end
        return steps * parts * step if length.seconds is None else length.seconds

    rows = slice(rows.start, rows.start + -(-(rows.stop - rows.start) // parts))
    batch = normalise(torch.from_numpy(np.ascontiguousarray(dataset.train.inputs[rows])), recipe)
    return tune(module, batch, pins, expected=expect, recall=not probe)


def describe_choice(tuned: Tuned, kept: bool) -> tuple[list[str], dict[str, Any]]:
    """The choice for people, and what settings.json holds of it beside the engine; `kept` is the allocator's answer."""
    allocator = "large blocks are kept between steps" if kept else "the system's own"
    lines = [f"engine   {tuned.line}", *(f"         {note}" for note in tuned.notes)]
    about = {"engine_origin": tuned.origin, "engine_notes": list(tuned.notes), "allocator": allocator}
    return [*lines, f"         allocator: {allocator}"], about
