"""The training loop: steps, epochs, validation, checkpoints, and every way in which a run may stop.

Whatever is random is a function of (seed, epoch, sample) or (seed, step), so a run that was killed and taken up again
from its last checkpoint goes the very way it would have gone (fp32, the same engine and version of torch; not with a
length in minutes, which depends on the clock).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from shlex import quote
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from striate.engine import Engine, use_threads
from striate.errors import InputError, RunError, Stopped
from striate.train.batches import Array, Samples, count_steps, hold, iterate_batches, read_samples
from striate.train.checkpoint import Checkpoint, load_latest, save
from striate.train.folder import WEIGHTS, RunFolder
from striate.train.inference import compute_logits
from striate.train.interrupt import Interruption, interruptible
from striate.train.learner import Learner
from striate.train.origin import compare_origins, describe_origin
from striate.train.progress import Clock, Meter, Progress
from striate.train.randomness import random_state_kept
from striate.train.recipe import Recipe, check_recipe
from striate.train.schedule import one_cycle, plan_length

History = tuple[dict[str, Any], ...]


def fit(
    module: nn.Module,
    inputs: Array,
    labels: Array,
    recipe: Recipe,
    engine: Engine,
    *,
    validate: tuple[Array, Array] | None = None,
    folder: RunFolder | None = None,
    until: float | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    side_weights: Sequence[float] | None = None,
    checkpoint_seconds: float = 30.0,
    progress_seconds: float = 0.1,
) -> History:
    """Train `module` in place as a classifier; return a record per epoch. It ends in eval mode with its final weights.

    Inputs are bytes (or floats from 0 to 1), samples x channels x extents; labels are class numbers. `validate` is
    judged after each epoch; with `until` the run ends once the accuracy there reaches it. With a `folder`, the run
    writes its history, weights and checkpoints (each epoch, each `checkpoint_seconds`, and at a stop), and `resume`
    goes on from the last whole one, from the start where there is none. `side_weights` weigh the losses of side heads
    (as the module's own `side_weights` say, else 0.3 each, where none is given). A record has epoch, step, train_loss,
    train_accuracy (means over the epoch, on augmented samples), validation_loss, validation_accuracy (None without
    `validate`), lr, seconds (since the run's start) and images_per_second (of this sitting's training).

    Raises:
        InputError: for a recipe, data or request that can't be met.
        RunError: where the loss overflows, or the folder can't be used; the last good checkpoint is kept.
        Stopped: after Ctrl-C or a polite kill; the state is saved first.

    >>> inputs, labels = np.array([[[0, 0]], [[255, 255]]] * 8, dtype=np.uint8), np.array([0, 1] * 8)
    >>> recipe = Recipe(epochs=5, batch=4, mean=(0.5,), std=(0.5,))
    >>> history = fit(nn.Sequential(nn.Flatten(), nn.Linear(2, 2)), inputs, labels, recipe, Engine())
    >>> len(history), history[-1]["train_accuracy"]
    (5, 1.0)
    """
    check_recipe(recipe)
    samples = read_samples(inputs, labels, recipe)
    held_out = read_samples(*validate, recipe, "validation") if validate else None
    _check_request(samples, held_out, until, folder, resume)
    random, lock = random_state_kept(engine), folder.writing() if folder else nullcontext()
    with lock, random, use_threads(engine), interruptible() as wish:
        weights = getattr(module, "side_weights", ()) if side_weights is None else side_weights
        learner = Learner(module, recipe, engine, weights)
        _check_classes(learner, samples, held_out)
        loop = _Loop(learner, samples, held_out, folder, until, on_progress, checkpoint_seconds, progress_seconds)
        if folder:
            loop.take_up(folder, resume)
        return loop.run(wish)


class _Loop:
    """One sitting of a run."""

    def __init__(
        self,
        learner: Learner,
        samples: Samples,
        held_out: Samples | None,
        folder: RunFolder | None,
        until: float | None,
        on_progress: Callable[[Progress], None] | None,
        checkpoint_seconds: float,
        progress_seconds: float,
    ) -> None:
        self.learner, self.recipe, self.engine = learner, learner.recipe, learner.engine
        self.samples, self.held_out = hold(samples, self.engine), held_out
        self.folder, self.until, self.on_progress = folder, until, on_progress
        self.checkpoint_seconds, self.progress_seconds = checkpoint_seconds, progress_seconds
        self.length = plan_length(self.recipe, count_steps(samples.count, self.recipe.batch))
        self.origin = describe_origin(self.recipe, self.engine, samples)
        self.step, self.finished, self.lr = 0, False, 0.0
        self.history: list[dict[str, Any]] = []
        self.notes: tuple[str, ...] = ()
        self.meter, self.clock = Meter(self.engine.device), Clock()
        self.saved = self.shown = -math.inf

    def take_up(self, folder: RunFolder, resume: bool) -> None:
        """Go on from the folder's last whole checkpoint, or make sure that there is none."""
        checkpoint, damaged = load_latest(folder.state)
        if (checkpoint or damaged) and not resume:
            raise RunError(f"{folder.path}: holds a run already. Go on with it: striate train --resume {folder.path}")
        if resume and checkpoint is None and (folder.path / WEIGHTS).exists():
            raise RunError(f"{folder.path}: has weights, but no checkpoint to go on from. Train in a new folder.")
        self.history = list(folder.truncate_history(checkpoint.history if checkpoint else 0))
        self.notes = damaged
        if checkpoint:
            self.notes += compare_origins(checkpoint.origin, self.origin, str(folder.path))
            self.learner.restore(checkpoint.tensors)
            self.meter.restore(checkpoint.meter)
            self.step, self.finished, self.clock = checkpoint.step, checkpoint.finished, Clock(checkpoint.elapsed)

    def run(self, wish: Interruption) -> History:
        """Train until the end."""
        self.saved = time.monotonic()
        while not self.finished:
            self._train_epoch(wish)
            self._end_epoch()  # saves
            if wish.is_wished and not self.finished:
                self._stop()
        self.learner.finish()
        if self.folder:
            self.folder.write_weights(self.learner.module.state_dict())
        return tuple(self.history)

    def _train_epoch(self, wish: Interruption) -> None:
        epoch, start = divmod(self.step, self.length.per_epoch)
        self.clock.begin()
        for batch, labels in iterate_batches(self.samples, self.recipe, self.engine, epoch, start):
            share = self.length.share(self.step, self.clock.elapsed)
            self.lr = self.recipe.lr * one_cycle(share, self.recipe.warmup, self.recipe.final)
            loss, correct = self.learner.learn(batch, labels, self.step, self.lr)
            self.step += 1
            self.meter.add(loss, correct, len(labels))
            self.clock.count(len(labels))
            if self.engine.is_cpu:
                self._check_loss(float(loss))
            # Asked once a step: with a length in minutes the answer may change from one moment to the next.
            if self.length.is_over(self.step, self.clock.elapsed) or self.step % self.length.per_epoch == 0:
                return
            self._attend(wish)
            self.clock.begin()

    def _attend(self, wish: Interruption) -> None:
        """Between two steps: show progress, save and stop where it is time to."""
        now = time.monotonic()
        if now - self.shown >= self.progress_seconds:
            self._show()
        if wish.is_wished or now - self.saved >= self.checkpoint_seconds:
            self._check_weights()
            self._save()
        if wish.is_wished:
            self._stop()

    def _end_epoch(self) -> None:
        train_loss, train_accuracy = self.meter.read()
        self._check_loss(train_loss)
        self._check_weights()
        loss, accuracy = self._validate()
        self.history.append(
            {
                "epoch": -(-self.step // self.length.per_epoch),
                "step": self.step,
                "train_loss": train_loss,
                "train_accuracy": train_accuracy,
                "validation_loss": loss,
                "validation_accuracy": accuracy,
                "lr": self.lr,
                "seconds": self.clock.elapsed,
                "images_per_second": self.clock.images_per_second,
                **({"notes": list(self.notes)} if self.notes else {}),
            }
        )
        reached = self.until is not None and accuracy is not None and accuracy >= self.until
        self.finished = reached or self.length.is_over(self.step, self.clock.elapsed)
        self._show(ends_epoch=True)
        self.notes = ()
        self.meter.clear()
        if self.folder:
            self.folder.append_history(self.history[-1])
        self._save()

    def _validate(self) -> tuple[float | None, float | None]:
        """Loss and accuracy on the validation part; a loss that overflows is None."""
        if self.held_out is None:
            return None, None
        with self.learner.averaged():
            logits = torch.from_numpy(
                compute_logits(self.learner.module, self.held_out.inputs, self.recipe, self.engine)
            )
        labels = self.held_out.labels.cpu()
        loss = float(F.cross_entropy(logits, labels))
        return loss if math.isfinite(loss) else None, float((logits.argmax(1) == labels).double().mean())

    def _show(self, *, ends_epoch: bool = False) -> None:
        loss, accuracy = self.meter.read()
        self._check_loss(loss)
        self.shown = time.monotonic()
        if self.on_progress is None:
            return
        length = self.length.expect(self.step, self.clock.elapsed)
        left = 0.0 if self.finished else self.clock.estimate_left(self.step, length)
        epoch = -(-self.step // length.per_epoch)
        best = self.history[-1]["validation_accuracy"] if self.history else None
        rate = self.clock.images_per_second
        progress = Progress(
            self.step, length.steps, epoch, length.epochs, loss, accuracy, rate, left, best, self.notes, ends_epoch
        )
        self.on_progress(progress)

    def _save(self) -> None:
        self.saved = time.monotonic()
        if not self.folder:
            return
        checkpoint = Checkpoint(
            tensors=self.learner.tensors(),
            step=self.step,
            epoch=self.step // self.length.per_epoch,
            elapsed=self.clock.elapsed,
            history=len(self.history),
            finished=self.finished,
            meter=self.meter.to_dict(),
            origin=self.origin,
        )
        save(self.folder.state, checkpoint)

    def _stop(self) -> None:
        way = f" Go on with: striate train --resume {quote(str(self.folder.path))}" if self.folder else ""
        raise Stopped(f"stopped after step {self.step} of {self.length.steps}.{way}", self.step, tuple(self.history))

    def _check_weights(self) -> None:
        self._check_loss(0.0 if self.learner.is_finite() else math.inf, "a weight")

    def _check_loss(self, value: float, what: str = "the loss") -> None:
        if math.isfinite(value):
            return
        kept = " The last good checkpoint is kept." if self.folder else ""
        raise RunError(
            f"{what} became {'nan' if math.isnan(value) else 'infinite'} at step {self.step}, lr {self.lr:.3g}."
            f"{kept} Train anew with a lower lr (the recipe's peak is {self.recipe.lr:g}; try {self.recipe.lr / 10:g})."
        )


def _check_request(
    samples: Samples, held_out: Samples | None, until: float | None, folder: RunFolder | None, resume: bool
) -> None:
    if samples.count < 2:
        raise InputError("training part: 1 sample; at least 2 are needed.")
    if held_out and held_out.inputs.shape[1:] != samples.inputs.shape[1:]:
        found, needed = list(held_out.inputs.shape[1:]), list(samples.inputs.shape[1:])
        raise InputError(f"validation part: inputs of {found}, but the training part's are {needed}; make them alike.")
    if until is not None and held_out is None:
        raise InputError(f"until is {until:g}, but there is no validation part to judge by. Give one, or leave it out.")
    if until is not None and not 0 < until <= 1:
        raise InputError(f"until is {until:g}; an accuracy above 0 and at most 1 is needed, such as 0.95.")
    if resume and folder is None:
        raise InputError("resume: there is no folder to go on from. Give the run's folder.")


def _check_classes(learner: Learner, samples: Samples, held_out: Samples | None) -> None:
    """Meet a wrong network before the first step rather than in it."""
    classes = compute_logits(learner.module, samples.inputs[:2], learner.recipe, learner.engine).shape[1]
    for name, part in (("training", samples), ("validation", held_out)):
        most = int(np.max(part.labels.cpu().numpy())) if part else 0
        if most >= classes:
            raise InputError(f"{name} part: label {most}, but the network has {classes} outputs; it needs {most + 1}.")
