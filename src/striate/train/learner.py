"""What a training step changes: the module, the momentum and the average of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from striate.engine import Engine, cast, make_forward, place_module
from striate.errors import InputError, RunError
from striate.train.average import Average
from striate.train.lookahead import Slow
from striate.train.optimizers import make_optimizer
from striate.train.randomness import seed_step
from striate.train.ranks import Ranks
from striate.train.recipe import Recipe
from striate.train.splitting import attempt, split
from striate.train.tasks import CLASSIFY, Task


class Learner:
    """A module with its optimizer and its average, on an engine."""

    def __init__(
        self,
        module: nn.Module,
        recipe: Recipe,
        engine: Engine,
        side_weights: Sequence[float] = (),
        task: Task = CLASSIFY,
    ) -> None:
        """Place the module and set it to training."""
        self.module = place_module(module, engine).train()
        self.forward = make_forward(self.module, engine)
        self.recipe, self.engine, self.side_weights, self.task = recipe, engine, tuple(side_weights), task
        self.class_weights: Tensor | None = None  # set where the recipe weighs classes, once their sizes are known
        self.optimizer = make_optimizer(module, recipe)
        self.slow = Slow(module, recipe.lookahead) if recipe.lookahead.every else None
        self.average = Average(module, recipe.average) if recipe.average else None
        self.ranks, self.weight, self._most_parts = Ranks(), 1.0, 0
        self._buffers = [value.detach() for value in self.module.buffers()]
        self._former = [torch.empty_like(value) for value in self._buffers]

    def join(self, ranks: Ranks, batch: int) -> None:
        """Take each step together with others; of a batch of `batch` samples this one gets the part that is its own.

        Raises:
            InputError: where that would be none.
        """
        if batch < ranks.count:
            raise InputError(f"batch: {batch} samples for {ranks.count} processes, needed one for each. Start fewer")
        self.ranks, self.weight, self._most_parts = ranks, ranks.share(batch), max(1, batch // ranks.count // 2)

    def learn(
        self, batch: Tensor, labels: Tensor, step: int, lr: float, share: float = 0.0, parts: int = 1
    ) -> tuple[Tensor, Tensor] | None:
        """Take one step; return the batch's loss and the sum of its merits (how many are right), waiting for neither.

        `share` of the run is done. The batch goes through in so many `parts`, whose gradients add up to its own. None
        where memory doesn't suffice for them: then nothing has changed.
        """
        copy_all(self._former, self._buffers)
        found = attempt(partial(self._differentiate, batch, labels, step, parts))
        if found is None:
            self.optimizer.clear_gradients()
            copy_all(self._buffers, self._former)
            self.refuse_alone()
            return None
        if self.ranks.count > 1:
            found = self._add_up(*found)
        self.optimizer.step(lr, share)
        if self.slow:
            self.slow.update(step, share)
        if self.average:
            self.average.update(step)
        return found

    def _differentiate(self, batch: Tensor, labels: Tensor, step: int, parts: int) -> tuple[Tensor, Tensor]:
        """Leave the gradients of the batch's mean loss in the parameters; return that loss and the right answers."""
        seed_step(self.engine, self.recipe.seed, step, self.ranks.rank)
        self.optimizer.clear_gradients()
        found = []
        parts = self._limit(parts)
        for part, numbers in split(batch, labels, parts):
            with cast(self.engine):
                outputs = self.forward(part)
            loss, correct = self._lose(outputs, numbers)
            if parts > 1 or self.ranks.count > 1:
                loss = loss * (self.weight * len(numbers) / len(labels))
            loss.backward()  # type: ignore[no-untyped-call]
            found.append((loss.detach(), correct))
        losses, counts = zip(*found, strict=True)
        return (losses[0], counts[0]) if parts == 1 else (torch.stack(losses).sum(), torch.stack(counts).sum())

    def _lose(self, outputs: Any, targets: Tensor) -> tuple[Tensor, Tensor]:
        return self.task.compute_loss(outputs, targets, self.recipe, self.side_weights, self.class_weights)

    def _limit(self, parts: int) -> int:
        """As many parts, unless other ranks have too few samples for so many; all must take as many."""
        return parts if self.ranks.count == 1 else min(parts, self._most_parts)

    def _add_up(self, loss: Tensor, correct: Tensor) -> tuple[Tensor, Tensor]:
        """The gradients, the loss and the right answers of all ranks."""
        figures = torch.stack([loss.float(), correct.float()])
        self.ranks.add_up_gradients(self.module.parameters(), [figures])
        return figures[0], figures[1].to(correct.dtype)

    def refuse_alone(self) -> None:
        """Memory gave out. One rank alone can't take its part in pieces while the others wait for its statistics."""
        if self.ranks.count > 1:
            raise RunError(
                f"rank {self.ranks.rank}: out of memory; the last good checkpoint is kept. Train with a smaller "
                "--batch or with more ranks."
            )

    def assess(self, batch: Tensor, labels: Tensor, step: int, parts: int = 1) -> Tensor:
        """The loss that a step on this batch would begin with; nothing changes."""
        seed_step(self.engine, self.recipe.seed, step, self.ranks.rank)
        copy_all(self._former, self._buffers)
        losses = []
        for part, numbers in split(batch, labels, self._limit(parts)):
            with torch.no_grad(), cast(self.engine):
                outputs = self.module(part)
            loss, _ = self._lose(outputs, numbers)
            losses.append(loss * (len(numbers) / len(labels)))
        copy_all(self._buffers, self._former)
        total = self.weight * torch.stack(losses).sum()
        self.ranks.add_up([total])
        return total

    def averaged(self) -> AbstractContextManager[None]:
        """A `with` under which the module has the weights it is judged by."""
        judged = self.average or self.slow
        return judged.in_module() if judged else nullcontext()

    def finish(self) -> None:
        """Leave the module with its final weights, in eval mode, without gradients."""
        if judged := self.average or self.slow:
            judged.put_into_module()
        self.optimizer.clear_gradients()
        self.module.eval()

    def is_finite(self) -> bool:
        """Whether no weight has overflowed."""
        norms = torch._foreach_norm([value.detach() for value in self.module.parameters()])
        return bool(torch.stack([norm.float() for norm in norms]).isfinite().all()) if norms else True

    def tensors(self) -> dict[str, Tensor]:
        """All that a checkpoint must hold; live, not copies."""
        return {f"{kind}.{name}": value for kind, name, value in self._list()}

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over what `tensors` gave.

        Raises:
            RunError: where they are of another network.
        """
        own = self.tensors()
        for name in sorted(own.keys() ^ tensors.keys()):
            raise RunError(
                f"checkpoint: {name} is only in {'the network' if name in own else 'the checkpoint'}; {_OTHER}"
            )
        for name, value in own.items():
            if value.shape != tensors[name].shape:
                found, needed = list(tensors[name].shape), list(value.shape)
                raise RunError(f"checkpoint: {name} is {found} there, but {needed} in the network; {_OTHER}")
            value.copy_(tensors[name])

    def _list(self) -> Iterator[tuple[str, str, Tensor]]:
        for name, value in self.module.state_dict().items():
            if isinstance(value, Tensor):
                yield "weights", name, value.detach()
        for name, value in self.optimizer.tensors().items():
            yield "momentum", name, value
        for name, value in (self.slow.tensors() if self.slow else {}).items():
            yield "slow", name, value
        for name, value in (self.average.tensors() if self.average else {}).items():
            yield "average", name, value


_OTHER = "it is of another network. Train that network, or this one in a new folder."


@torch.no_grad()
def copy_all(targets: list[Tensor], sources: list[Tensor]) -> None:
    """Copy tensors into others, at once; there may be none."""
    if targets:
        torch._foreach_copy_(targets, sources)
