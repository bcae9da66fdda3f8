"""Restoring: each input is to become what it was before some damage, done to it on the fly or found in the data.

The network's outputs are inputs in its own, normalised units; the loss is the mean squared error there, which is what
the mean of PSNR's decibels comes from. The merit is PSNR of pictures and volumes, SI-SDR of sound. A sound is brought
to one peak after it was damaged, as one from a file is, and what it is to become by the same factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from striate.errors import InputError, ShapeError
from striate.train.augment import augment
from striate.train.heads import add_sides, split_cells
from striate.train.randomness import derive_seed
from striate.train.recipe import Recipe
from striate.train.scale import to_full_scale
from striate.train.tasks.damage import Around, damage, read_damages
from striate.train.tasks.draws import make_keys
from striate.train.tasks.gains import measure_gains
from striate.train.tasks.quality import measure_psnr, measure_si_sdr
from striate.train.tasks.task import Judged, Merit, Reals, Task

PSNR, SI_SDR = Merit("PSNR", "dB"), Merit("SI-SDR", "dB")
LEFT_OUT = {False: "noise=0.1", True: "snr=0"}  # whether it is sound
PEAK, SILENCE = 0.9, 1e-4  # as recordings are levelled when they are read
EXAMPLES = 3  # of the worst, of the middling and of the best
MEDIA = ("images", "arrays", "volumes", "video", "sound")


@dataclass(frozen=True)
class Restore(Task):
    """Undo the damages that `corrupt` names; where it is "", the targets are what the data pair each input with.

    `sound` says that the inputs are waveforms, `low` where their full scale, up to 1, begins.
    """

    corrupt: str = ""
    sound: bool = False
    low: float = 0.0
    chosen: bool = False  # not by the user

    name: ClassVar[str] = "restore"
    merit: ClassVar[Merit] = PSNR
    keeps_outputs: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Sound has a merit of its own."""
        if self.sound:
            object.__setattr__(self, "merit", SI_SDR)

    @classmethod
    def begin(cls, targets: NDArray[Any], options: Mapping[str, Any] = {}) -> Restore:
        """The task for samples of the `kind` and `axes` in the options, with the `corrupt` that was asked for."""
        kind, asked = options.get("kind", "images"), options.get("corrupt")
        if kind not in MEDIA:
            raise InputError(f"--task restore: found {kind}, needed pictures, volumes or sound. Choose another task")
        sound, low = kind == "sound", -1.0 if options.get("dtype") == "int16" else 0.0
        if sound and options.get("axes", 1) != 1:
            raise InputError("--task restore: found spectrograms, needed waveforms, to be heard. Leave --view out")
        if options.get("paired"):
            if asked:
                raise InputError(f"--corrupt {asked}: the data bring damaged and clean samples. Leave --corrupt out")
            return cls("", sound, low)
        damages = read_damages(asked or LEFT_OUT[sound], sound=sound)
        return cls(",".join(map(str, damages)), sound, low, chosen=not asked)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is undone."""
        if not self.corrupt:
            return ()
        said = "as --corrupt was left out" if self.chosen else "as asked"
        return (f"what is undone: {self.corrupt}, done to each sample anew in each epoch, {said}",)

    def read_targets(self, targets: Tensor, inputs: Tensor, part: str) -> Tensor:
        """What inputs are paired with; of inputs that are damaged on the fly, whatever stands there."""
        if not self.corrupt and targets.shape != inputs.shape:
            found, needed = list(targets.shape), list(inputs.shape)
            raise InputError(f"{part} part: clean samples of {found}, but damaged ones of {needed}; make them alike.")
        return targets

    def move(self, targets: Tensor, draws: Tensor, recipe: Recipe) -> Tensor:
        """Clean samples of pairs move as the damaged ones do."""
        return targets if self.corrupt else augment(targets, draws, replace(recipe.augment, cutout=0))

    def pair(self, batch: Tensor, targets: Tensor, rows: Tensor, recipe: Recipe, epoch: int) -> tuple[Tensor, Tensor]:
        """Damage a step's samples; each anew in each epoch."""
        mean, std = _spread(recipe, batch)
        if not self.corrupt:
            return batch, to_full_scale(targets)
        given, wanted = self.spoil(batch * std + mean, rows, derive_seed("damage", recipe.seed, epoch), recipe)
        return (given - mean) / std, wanted

    def hold_out(self, inputs: Tensor, targets: Tensor, rows: Tensor, recipe: Recipe) -> tuple[Tensor, Tensor]:
        """Damage samples of a part that is judged, each always in the same way."""
        if not self.corrupt:
            return to_full_scale(inputs), to_full_scale(targets)
        return self.spoil(to_full_scale(inputs), rows, derive_seed("damage held out", recipe.seed), recipe)

    def spoil(self, clean: Tensor, rows: Tensor, seed: int, recipe: Recipe) -> tuple[Tensor, Tensor]:
        """Clean samples, of full scale 1, after the damage, and what they are to become again."""
        fill = torch.tensor(recipe.mean, dtype=clean.dtype, device=clean.device)
        around = Around(make_keys(seed, rows.to(clean.device)), fill, self.low)
        spoiled = damage(clean, read_damages(self.corrupt, sound=self.sound), around)
        if not self.sound:
            return spoiled, clean
        peak = spoiled.flatten(1).abs().amax(1).view(-1, *[1] * (clean.ndim - 1))
        gain = torch.where(peak > SILENCE, PEAK / peak.clamp(min=SILENCE), 1.0)
        return spoiled * gain, clean * gain

    def split(self, outputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Restored inputs of the main head and of the side heads."""
        return split_cells(outputs, _NEEDED)

    def check_outputs(self, shape: Sequence[int], targets: Tensor, part: str) -> int:
        """One output for each channel."""
        if not self.corrupt and tuple(shape) != tuple(targets.shape[1:]):
            found, needed = ("x".join(map(str, each)) for each in (shape, targets.shape[1:]))
            raise InputError(f"{part} part: the network yields {found}, needed {needed}: {_NEEDED}")
        return int(shape[0])

    def find_output(self, outputs: int, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The input's own shape."""
        return shape

    def describe_output(self, outputs: int, shape: tuple[int, ...]) -> str:
        """As many values as the input has."""
        return f"the input's own shape, {'x'.join(map(str, shape))}"

    @property
    def ending(self) -> str:
        """A value for each channel of each cell."""
        return "conv1-classes"

    def guess(self, outputs: int) -> float:
        """What the mean costs: the variance, which is 1 in normalised units."""
        return 1.0

    def compute_loss(
        self,
        outputs: Any,
        targets: Tensor,
        recipe: Recipe,
        side_weights: Sequence[float] = (),
        class_weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Mean squared error in normalised units, and the sum of the samples' merits."""
        main, sides = self.split(outputs)
        if main.shape != targets.shape:
            found, needed = ("x".join(map(str, each.shape[1:])) for each in (main, targets))
            raise ShapeError(f"the network yields {found} for inputs of {needed}; needed {_NEEDED}")
        mean, std = _spread(recipe, targets)
        wanted = (targets - mean) / std
        losses = [F.mse_loss(head.float(), wanted) for head in (main, *sides)]
        with torch.no_grad():
            merits = self.measure(main.detach().float() * std + mean, targets)
        return add_sides(losses, side_weights), merits.nan_to_num(0.0).double().sum()

    def keep(self, outputs: Tensor, targets: Tensor, inputs: Tensor, recipe: Recipe) -> Tensor:
        """Of each sample the loss, the merit of what was restored, and that of the damaged input itself.

        Shape: [count, 3].
        """
        mean, std = _spread(recipe, targets)
        loss = (outputs - (targets - mean) / std).flatten(1).square().mean(1)
        merits = [self.measure(each, targets) for each in (outputs * std + mean, to_full_scale(inputs))]
        return torch.stack([loss, *merits], 1).float()

    def measure(self, found: Tensor, clean: Tensor) -> Tensor:
        """The merit of each sample; NaN for a silent one.

        Shape: [count].
        """
        return measure_si_sdr(found, clean) if self.sound else measure_psnr(found, clean, self.low)

    def validate(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """Mean loss and mean merit."""
        known = outputs[~outputs[:, 1].isnan(), 1]
        return float(outputs[:, 0].double().mean()), float(known.double().mean()) if len(known) else 0.0

    def answer(self, outputs: Reals, recipe: Recipe) -> NDArray[Any]:
        """Restored inputs, of full scale 1; pictures and volumes hold nothing beyond it."""
        shape = (-1, *[1] * (outputs.ndim - 2))
        mean, std = (np.array(values, np.float32).reshape(shape) for values in (recipe.mean, recipe.std))
        values = np.asarray(outputs, np.float32) * std + mean
        return values if self.sound else values.clip(self.low, 1)

    def judge(self, outputs: Reals, targets: NDArray[Any], recipe: Recipe) -> Judged:
        """The mean merit, the same of the damaged inputs, and the gain, with intervals by the bootstrap."""
        found = measure_gains(outputs[:, 1:], recipe.seed)
        loss = float(np.mean(outputs[:, 0], dtype=np.float64))
        return Judged(loss, found["restored"], found["restored_interval"], found)

    def choose_examples(self, kept: Reals) -> Sequence[int]:
        """The worst, the middling and the best samples."""
        order = [int(place) for place in np.argsort(kept[:, 1], kind="stable") if not np.isnan(kept[place, 1])]
        middle = max(0, (len(order) - EXAMPLES) // 2)
        picked = [*order[:EXAMPLES], *order[middle : middle + EXAMPLES], *order[-EXAMPLES:]]
        return list(dict.fromkeys(picked))


_NEEDED = "a network that ends in the input's own shape, such as `..., conv1-classes`."


def _spread(recipe: Recipe, like: Tensor) -> tuple[Tensor, Tensor]:
    """The recipe's mean and deviation, to go with a batch."""
    shape = (-1, *[1] * (like.ndim - 2))
    mean, std = (torch.tensor(each, dtype=like.dtype, device=like.device) for each in (recipe.mean, recipe.std))
    return mean.view(shape), std.view(shape)
