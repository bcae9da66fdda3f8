"""All that a report shows, as plain values: the page knows nothing of runs, and runs nothing of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data import Part
from striate.data.duplicates import Duplicates
from striate.errors import InputError
from striate.report.outcome import Outcome
from striate.train.scores import Scores
from striate.train.silence import Silence
from striate.train.tasks import CLASSIFY, Merit


@dataclass(frozen=True)
class Layer:
    """One row of the network's table; `output` is the shape without the batch."""

    name: str
    text: str
    output: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, eq=False)
class Story:
    """One trained network's report. Empty tuples and None leave their section out, or say that there is nothing.

    - `title`, `data`: the run's name and what it was trained on.
    - `net`: the network's text; `reasons`: why it was chosen.
    - `kernels`: the first convolution's weight [out, in, *size].
    - `history`: the trainer's record an epoch: epoch, step, train_loss, train_accuracy, validation_loss,
      validation_accuracy, lr, seconds (since the run's start), images_per_second; any may be missing or NaN.
    - `set_aside`: (file name, reason) of files that couldn't be read.
    - `test`, `val`: the scores of those parts; `part` names the one that the figures are about.
    - `inputs` [N, C, *extents] uint8 and `names`: that part's samples, asked for one at a time by an integer index.
    - `notes`: what the reader must know first.
    - `trained`: the training part; `balance`: what was done for uneven classes; `duplicates` of the scored part in it.
    - `silence`: the units that were never active.
    - `rate`: samples per second, where the inputs are sounds that can be played.
    - `reading`: how the samples were read, which knows the words of texts.
    - `outcome`: in place of the scores, what another task than classification came to on that part.

    Raises: InputError when the scored part, its inputs, names and classes don't agree in number.
    """

    title: str
    data: str
    net: str
    reasons: tuple[str, ...]
    classes: tuple[str, ...]
    layers: tuple[Layer, ...]
    kernels: NDArray[np.floating[Any]] | None
    history: tuple[dict[str, Any], ...]
    settings: dict[str, Any]
    set_aside: tuple[tuple[str, str], ...]
    test: Scores | None
    val: Scores | None
    inputs: NDArray[Any]
    names: Sequence[str]
    part: str
    notes: tuple[str, ...]
    trained: Part | None = None
    balance: str = "none"
    duplicates: Duplicates | None = None
    silence: Silence | None = None
    rate: int | None = None
    outcome: Outcome | None = None
    reading: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse figures about other samples than those shown."""
        if self.part not in ("test", "val"):
            raise InputError(f"report: the part is {self.part!r}. It must be 'test' or 'val'.")
        if self.outcome is not None and len(self.outcome.answers) != len(self.inputs):
            counts = f"{len(self.outcome.answers)} answers for {len(self.inputs)} inputs"
            raise InputError(f"report: the {self.part} part has {counts}. They must agree.")
        if self.scored is None:
            return
        samples, classes = self.scored.logits.shape
        found = (len(self.inputs), len(self.names), len(self.classes))
        if found != (samples, samples, classes):
            raise InputError(
                f"report: the {self.part} part has scores of {samples} samples and {classes} classes, but there are "
                f"{found[0]} inputs, {found[1]} names and {found[2]} class names. They must agree."
            )

    @property
    def merit(self) -> Merit:
        """What the run is judged by."""
        return CLASSIFY.merit if self.outcome is None else self.outcome.merit

    @property
    def scored(self) -> Scores | None:
        """The scores that the report's figures are about."""
        return self.test if self.part == "test" else self.val
