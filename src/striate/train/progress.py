"""Where a training stands: what the caller is shown, and the running means it is taken from."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from striate.train.ranks import read_clock
from striate.train.schedule import Length
from striate.train.tasks import CLASSIFY, Merit


@dataclass(frozen=True)
class Progress:
    """A moment of a training. `loss` and `accuracy` are means over the epoch so far, on augmented samples.

    `steps` and `epochs` are estimates where the length is given in minutes. `validation_accuracy` is the last epoch's,
    None before the first or without a validation part. `ends_epoch` marks the moment right after an epoch's record was
    made. `notes` are lines that the user should read. `merit` is what `accuracy` stands for with another task.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    images_per_second: float
    seconds_left: float
    validation_accuracy: float | None
    notes: tuple[str, ...] = ()
    ends_epoch: bool = False
    merit: Merit = CLASSIFY.merit


class Meter:
    """The mean loss and merit of an epoch so far, summed on the device so that no step waits for them."""

    def __init__(self, device: str, *, whole: bool = True) -> None:
        """Start at nothing seen; the merit counts `whole` samples (those that are right), or adds up any numbers."""
        self._loss = torch.zeros((), dtype=torch.float64, device=device)
        self._correct = torch.zeros((), dtype=torch.int64 if whole else torch.float64, device=device)
        self._whole = whole
        self._seen = 0

    def add(self, loss: Tensor, correct: Tensor, count: int) -> None:
        """Count in a batch of `count` samples with its mean loss."""
        self._loss += loss.detach().double() * count
        self._correct += correct
        self._seen += count

    def read(self) -> tuple[float, float]:
        """The mean loss and the mean merit, of a classifier the accuracy."""
        seen = max(1, self._seen)
        return float(self._loss) / seen, self._sum() / seen

    def _sum(self) -> float:
        return int(self._correct) if self._whole else float(self._correct)

    def clear(self) -> None:
        """Start the next epoch."""
        self.restore({"loss": 0.0, "correct": 0, "seen": 0})

    def to_dict(self) -> dict[str, float]:
        """The sums, exactly."""
        return {"loss": float(self._loss), "correct": self._sum(), "seen": self._seen}

    def restore(self, sums: Mapping[str, float]) -> None:
        """Take over the sums that `to_dict` gave."""
        self._loss.fill_(sums["loss"])
        self._correct.fill_(sums["correct"])
        self._seen = int(sums["seen"])


class Clock:
    """The seconds of a run over all its sittings, and the pace of this one."""

    def __init__(self, before: float = 0.0) -> None:
        """Start a sitting after `before` seconds of earlier ones."""
        self._before, self._start = before, read_clock()
        self._steps, self._images, self._training_seconds = 0, 0, 0.0
        self._tick = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds of the run so far, evaluation and saving counted."""
        return self._before + read_clock() - self._start

    @property
    def images_per_second(self) -> float:
        """Images trained on per second of training in this sitting; evaluation and saving don't count."""
        return self._images / self._training_seconds if self._training_seconds else 0.0

    def begin(self) -> None:
        """The next step starts now."""
        self._tick = time.monotonic()

    def count(self, images: int) -> None:
        """A step with so many images is done; the next one starts."""
        now = time.monotonic()
        self._training_seconds += now - self._tick
        self._images += images
        self._steps += 1
        self._tick = now

    def estimate_left(self, step: int, length: Length) -> float:
        """Seconds until the end, judged by this sitting's pace."""
        if length.seconds is not None:
            return max(0.0, length.seconds - self.elapsed)
        return (length.steps - step) * (read_clock() - self._start) / max(1, self._steps)
