"""One sitting of a run: steps, epochs, validation, checkpoints, and every way in which it may stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from shlex import quote
from typing import Any

from torch import Tensor

from striate.errors import RunError, Stopped
from striate.train.batches import Samples, hold, iterate_batches
from striate.train.closing import Closing
from striate.train.course import Course
from striate.train.goal import Goal
from striate.train.interrupt import Interruption
from striate.train.naming import name_batch
from striate.train.progress import Progress
from striate.train.ranks import read_clock
from striate.train.recovery import GOOD_STEPS, MOST, BrokenDown, Place, give_up
from striate.train.schedule import find_share
from striate.train.splitting import is_out_of_memory, split_further

History = tuple[dict[str, Any], ...]


class Sitting:
    """What is done from the first step of a sitting to its last one."""

    on_progress: Callable[[Progress], None] | None = None
    progress_seconds = 0.1
    checkpoint_seconds = 30.0
    wished = False  # whether any rank wishes to stop
    notes: tuple[str, ...] = ()  # for the epoch's record
    news: tuple[str, ...] = ()  # for the next moment that is shown

    def __init__(
        self,
        course: Course,
        samples: Samples,
        closing: Closing,
        goal: Goal,
        names: Sequence[str] | None,
    ) -> None:
        self.course, self.learner, self.closing, self.goal = course, course.learner, closing, goal
        self.recipe, self.engine = course.learner.recipe, course.learner.engine
        self.samples, self.names = hold(samples, self.engine), names
        self.shown = -math.inf

    def run(self, wish: Interruption) -> History:
        """Train until the end."""
        while not self.course.finished:
            try:
                self._end_epoch(wish, *self._train_epoch(wish))  # saves
            except BrokenDown as trouble:
                self._recover(trouble)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self.learner.refuse_alone()
                # Not in the pass of a batch, which the learner sees to, so the state may be half changed.
                self._split(self._split_further(self.course.recovery.parts))
                self.course.go_back()
            else:
                if self.wished and not self.course.finished:
                    self._stop()
        self.learner.finish()
        if self.course.folder:
            self.course.folder.write_weights(self.learner.module.state_dict())
        return tuple(self.course.history)

    def _train_epoch(self, wish: Interruption) -> tuple[Tensor, Tensor]:
        """Take an epoch's steps, or those until the run is over; return the last batch."""
        course = self.course
        epoch, start = divmod(course.step, self.course.length.per_epoch)
        course.clock.begin()
        for batch, labels in iterate_batches(self.samples, self.recipe, self.engine, epoch, start, self.learner.task):
            share = self.course.length.share(course.step, course.clock.elapsed)
            course.lr = self.recipe.lr * course.recovery.factor * find_share(self.recipe, share)
            course.count(*self._learn(batch, labels, share), min(self.recipe.batch, self.samples.count))
            if self.engine.is_cpu:
                course.judge()
            course.reached = self.goal.ends(course.length, course.step)
            # Asked once a step: with a length in minutes the answer may change from one moment to the next.
            if course.is_over or course.step % course.length.per_epoch == 0:
                return batch, labels
            if course.step % GOOD_STEPS == 0:
                course.keep_good(course.assess(batch, labels))
            self._attend(wish)
            course.clock.begin()
        raise AssertionError("an epoch without steps")

    def _learn(self, batch: Tensor, labels: Tensor, share: float) -> tuple[Tensor, Tensor]:
        """Take a step; in more parts than before where memory doesn't suffice."""
        parts = before = self.course.recovery.parts
        while (found := self.learner.learn(batch, labels, self.course.step, self.course.lr, share, parts)) is None:
            parts = self._split_further(parts)
        if parts != before:
            self._split(parts)
        return found

    def _split_further(self, parts: int) -> int:
        further = split_further(parts, min(self.recipe.batch, self.samples.count))
        if further is None:
            raise RunError(
                f"step {self.course.step + 1}: out of memory, even with two samples at a time.{self._kept()} Choose a "
                "smaller network or smaller samples (--input), or free memory and go on with --resume."
            )
        return further

    def _split(self, parts: int) -> None:
        """Take each batch in so many parts from now on, and say so."""
        step, batch = self.course.step, min(self.recipe.batch, self.samples.count)
        self.news += (self.course.recovery.split(parts, batch, step // self.course.length.per_epoch + 1, step + 1),)

    def _recover(self, trouble: BrokenDown) -> None:
        """Go back to the good state and on at a lower rate; name the batch.

        Raises:  RunError the third time.
        """
        epoch, start = divmod(max(0, trouble.step - 1), self.course.length.per_epoch)
        samples, bad = name_batch(self.samples, self.recipe, epoch, start, self.names)
        back = self.course.good_step
        line = self.course.recovery.add(Place(trouble.what, epoch + 1, trouble.step, trouble.lr, back, samples, bad))
        if len(self.course.recovery.places) >= MOST:
            raise give_up(self.course.recovery.places, self.recipe.lr, self._kept())
        self.news += (line,)
        self.course.go_back()

    def _attend(self, wish: Interruption) -> None:
        """Between two steps: show progress, save and stop where it is time to."""
        now = read_clock()
        if now - self.shown >= self.progress_seconds:
            self.course.judge()
            self._show()
        self.wished = self.learner.ranks.beat(wish.is_wished)
        if self.wished or now - self.course.saved >= self.checkpoint_seconds:
            self.course.save()
        if self.wished:
            self._stop()

    def _end_epoch(self, wish: Interruption, batch: Tensor, labels: Tensor) -> None:
        course = self.course
        assessed = course.assess(batch, labels)
        start = read_clock()
        word = self.learner.task.word
        train_loss, train_merit = course.meter.read()
        loss, merit = self.goal.judge(course.step)
        self.learner.ranks.beat()
        notes = [*self.notes, *course.recovery.tell(course.epoch)]
        faults = [asdict(place) for place in course.recovery.places if place.epoch == course.epoch]
        course.history.append(
            {
                "epoch": course.epoch,
                "step": course.step,
                "train_loss": train_loss,
                f"train_{word}": train_merit,
                "validation_loss": loss,
                f"validation_{word}": merit,
                "lr": course.lr,
                "seconds": course.clock.elapsed,
                "images_per_second": course.clock.images_per_second,
                **({"notes": notes} if notes else {}),
                **({"faults": faults} if faults else {}),
            }
        )
        course.finished = self.goal.is_reached(merit) or course.is_over
        self._show(ends_epoch=True)
        self.notes = ()
        course.meter.clear()
        if course.folder:
            course.folder.append_history(course.history[-1])
        course.keep_good(assessed)
        course.save()
        self.wished = self.learner.ranks.beat(wish.is_wished)
        course.length = self.closing.learn(course.length, read_clock() - start)

    def _show(self, *, ends_epoch: bool = False) -> None:
        self.shown = read_clock()
        if self.on_progress is None:
            return
        course, clock, news = self.course, self.course.clock, self.news
        loss, accuracy = course.meter.read()
        length = self.course.length.expect(course.step, clock.elapsed)
        left = 0.0 if course.finished else clock.estimate_left(course.step, length)
        best = course.history[-1][f"validation_{self.learner.task.word}"] if course.history else None
        rate, self.news = clock.images_per_second, ()
        where = (course.step, length.steps, course.epoch, length.epochs, loss, accuracy, rate, left, best)
        progress = Progress(*where, news, ends_epoch, self.learner.task.merit)
        self.on_progress(progress)

    def _stop(self) -> None:
        course = self.course
        way = f" Go on with: striate train --resume {quote(str(course.folder.path))}" if course.folder else ""
        told = f"stopped after step {course.step} of {self.course.length.steps}.{way}"
        raise Stopped(told, course.step, tuple(course.history))

    def _kept(self) -> str:
        return " The last good checkpoint is kept." if self.course.folder else ""
