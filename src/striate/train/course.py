"""Where a run stands, and how that is kept: in memory, in checkpoints, and brought back from either.

A run has at every moment a good state behind it, to which it goes back where it breaks down. Which step's state that is
depends on the steps alone (the end of each epoch, and every so many steps of a long one), so each checkpoint names it,
and it stays on the disk as long as a checkpoint that names it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from striate.errors import RunError
from striate.train.checkpoint import DAMAGE, Checkpoint, find_path, load, load_latest, save
from striate.train.folder import WEIGHTS, RunFolder
from striate.train.learner import Learner
from striate.train.origin import compare_origins
from striate.train.progress import Clock, Meter
from striate.train.ranks import Ranks, read_clock
from striate.train.recovery import BrokenDown, Good, Recovery, copy_tensors
from striate.train.schedule import Length
from striate.train.watch import Watch


class Course:
    """A run's step, sums, history and learner, and the good state behind it."""

    def __init__(
        self,
        learner: Learner,
        length: Length,
        origin: Mapping[str, Any],
        folder: RunFolder | None,
        *,
        outputs: int = 2,
        parts: int = 1,
    ) -> None:
        """Stand at the beginning; the `outputs` tell what loss guessing has."""
        self.learner, self.length, self.origin, self.folder = learner, length, origin, folder
        self.step, self.finished, self.lr = 0, False, 0.0
        self.reached = False  # the goal, before the length
        self.history: list[dict[str, Any]] = []
        task = learner.task
        self.watch, self.recovery = Watch(task.guess(outputs)), Recovery(parts=parts)
        self.meter, self.clock = Meter(learner.engine.device, whole=task.counts_whole), Clock()
        self.saved = read_clock()
        self._unjudged: list[tuple[int, float, Tensor]] = []
        self._good: Good | None = None
        self._good_before: int | None = None

    @property
    def epoch(self) -> int:
        """The epoch that the last step belongs to, from 1."""
        return -(-self.step // self.length.per_epoch)

    @property
    def is_over(self) -> bool:
        """Whether the length asked for is reached, or the goal."""
        return self.reached or self.length.is_over(self.step, self.clock.elapsed)

    def count(self, loss: Tensor, correct: Tensor, samples: int) -> None:
        """Count in a step that was taken at the rate `lr`."""
        self.step += 1
        self.meter.add(loss, correct, samples)
        self.clock.count(samples)
        self._unjudged.append((self.step, self.lr, loss))

    def judge(self) -> None:
        """Look at the losses since the last look.

        Raises:  BrokenDown for the first that makes no sense.
        """
        if not self._unjudged:
            return
        steps, self._unjudged = self._unjudged, []
        for (step, lr, _), loss in zip(steps, torch.stack([loss for *_, loss in steps]).tolist(), strict=True):
            if what := self.watch.judge(loss):
                raise BrokenDown(what, step, lr)

    def check(self) -> None:
        """Look at losses and weights.

        Raises:  BrokenDown where something isn't as it should be.
        """
        self.judge()
        if not self.learner.is_finite():
            raise BrokenDown("a weight became infinite or nan", self.step, self.lr)

    def assess(self, batch: Tensor, labels: Tensor) -> float:
        """The loss of the state at hand, on the batch of its last step.

        A state may be broken though no loss was: its last step did it, and the next would be the first to see it.

        Raises:  BrokenDown where it is beyond doubt.
        """
        self.check()
        loss = float(self.learner.assess(batch, labels, self.step, self.recovery.parts))
        if what := self.watch.find_fault(loss):
            raise BrokenDown(what, self.step, self.lr)
        return loss

    def keep_good(self, loss: float) -> None:
        """Take the state at hand, which was assessed at this loss, as the one to go back to, if it is sound."""
        if self.watch.is_calm(loss):
            self._keep()

    def _keep(self) -> None:
        room = self._good.tensors if self._good else None
        self._good = self._describe(copy_tensors(self.learner.tensors(), room))

    @property
    def good_step(self) -> int:
        """The step of the state to go back to."""
        return self._good.step if self._good else 0

    def go_back(self) -> None:
        """Take up the good state again; the clock, and what breaking down has changed, go on.

        Raises:  RunError where the disk refuses.
        """
        assert self._good is not None
        self._go_to(self._good)
        self.finished = self.reached = False
        if self._good.history < len(self.history):
            del self.history[self._good.history :]
            if self.folder:
                self.folder.truncate_history(self._good.history)

    def begin(self, resume: bool) -> tuple[str, ...]:
        """Go on from the folder's last whole checkpoint, or make sure that there is none; return what was amiss.

        Raises:  RunError where the folder holds another run, or the network's weights aren't finite.
        """
        notes = self._take_up(self.folder, resume) if self.folder else ()
        if self._good is None:
            if not self.learner.is_finite():
                raise RunError("the network's weights are not finite before the first step. Build it anew.")
            self._keep()
        self.saved = read_clock()
        return notes

    def spread(self, ranks: Ranks) -> None:
        """Stand where rank 0 stands, which alone may have read a folder."""
        assert self._good is not None
        ranks.beat()
        good = {name: value for name, value in vars(self._good).items() if name != "tensors"}
        told: dict[str, Any] = ranks.tell(
            {
                "step": self.step,
                "finished": self.finished,
                "elapsed": self.clock.elapsed,
                "history": self.history,
                "meter": self.meter.to_dict(),
                "watch": self.watch.to_dict(),
                "recovery": self.recovery.to_dict(),
                "good": good,
            }
        )
        own = self.learner.tensors()
        ranks.spread([*own.values(), *(self._good.tensors[name] for name in own)])
        self.step, self.finished, self.history = told["step"], told["finished"], list(told["history"])
        self.clock, self.recovery = Clock(told["elapsed"]), Recovery.from_dict(told["recovery"])
        self.meter.restore(told["meter"])
        self.watch.restore(told["watch"])
        self._good = Good(tensors=self._good.tensors, **told["good"])
        self.saved = read_clock()

    def save(self) -> None:
        """Write a checkpoint, and before it the state to go back to where that isn't on the disk yet.

        Raises:  BrokenDown where the state isn't whole; RunError where the disk refuses.
        """
        self.saved = read_clock()
        self.check()  # on all ranks, though one alone writes
        if not self.folder or self._good is None:
            return
        kept = {self._good.step} if self._good_before is None else {self._good.step, self._good_before}
        if self._good.step != self.step and not find_path(self.folder.state, self._good.step).exists():
            save(self.folder.state, self._encode(self._good), kept)
        save(self.folder.state, self._encode(self._describe(self.learner.tensors()), finished=self.finished), kept)
        self._good_before = self._good.step

    def _take_up(self, folder: RunFolder, resume: bool) -> tuple[str, ...]:
        checkpoint, notes = load_latest(folder.state)
        if (checkpoint or notes) and not resume:
            raise RunError(f"{folder.path}: holds a run already. Go on with it: striate train --resume {folder.path}")
        if resume and checkpoint is None and (folder.path / WEIGHTS).exists():
            raise RunError(f"{folder.path}: has weights, but no checkpoint to go on from. Train in a new folder.")
        self.history = list(folder.truncate_history(checkpoint.history if checkpoint else 0))
        if checkpoint is None:
            return notes
        notes += compare_origins(checkpoint.origin, self.origin, str(folder.path))
        self.recovery = Recovery.from_dict(checkpoint.recovery)
        self.finished, self.clock = checkpoint.finished, Clock(checkpoint.elapsed)
        self._go_to(_decode(checkpoint))
        good, more = _find_good(folder, checkpoint)
        self._good, self._good_before = good, good.step
        return notes + more

    def _go_to(self, state: Good) -> None:
        self.learner.restore(state.tensors)
        self.meter.restore(state.meter)
        self.watch.restore(state.watch)
        self.step, self._unjudged = state.step, []

    def _describe(self, tensors: Mapping[str, Tensor]) -> Good:
        meter, watch = self.meter.to_dict(), self.watch.to_dict()
        return Good(self.step, tensors, self.clock.elapsed, len(self.history), meter, watch)

    def _encode(self, state: Good, *, finished: bool = False) -> Checkpoint:
        return Checkpoint(
            tensors=state.tensors,
            step=state.step,
            epoch=state.step // self.length.per_epoch,
            elapsed=state.elapsed,
            history=state.history,
            finished=finished,
            meter=state.meter,
            origin=self.origin,
            good=self.good_step,
            watch=state.watch,
            recovery=self.recovery.to_dict(),
        )


def _decode(checkpoint: Checkpoint) -> Good:
    one = checkpoint
    return Good(one.step, one.tensors, one.elapsed, one.history, one.meter, one.watch)


def _find_good(folder: RunFolder, checkpoint: Checkpoint) -> tuple[Good, tuple[str, ...]]:
    """The state that a checkpoint's run would go back to; the checkpoint's own where that one is lost."""
    if checkpoint.good is None or checkpoint.good == checkpoint.step:
        return _decode(checkpoint), ()
    path = find_path(folder.state, checkpoint.good)
    try:
        return _decode(load(path)), ()
    except DAMAGE as error:
        lost = (
            f"{path}: missing or damaged ({error}); a run that breaks down goes back to step {checkpoint.step} instead."
        )
        return _decode(checkpoint), (lost,)
