"""What a training step changes: the module, the momentum and the average of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from striate.engine import Engine, cast, place_module
from striate.errors import RunError
from striate.train.average import Average
from striate.train.loss import compute_loss
from striate.train.optimizer import SGD
from striate.train.randomness import seed_step
from striate.train.recipe import Recipe


class Learner:
    """A module with its optimizer and its average, on an engine."""

    def __init__(self, module: nn.Module, recipe: Recipe, engine: Engine, side_weights: Sequence[float] = ()) -> None:
        """Place the module and set it to training."""
        self.module = place_module(module, engine).train()
        self.recipe, self.engine, self.side_weights = recipe, engine, tuple(side_weights)
        self.optimizer = SGD(module, recipe.momentum, recipe.weight_decay)
        self.average = Average(module, recipe.average) if recipe.average else None

    def learn(self, batch: Tensor, labels: Tensor, step: int, lr: float) -> tuple[Tensor, Tensor]:
        """Take one step; return the batch's loss and the number of samples it got right, not waiting for either."""
        seed_step(self.engine, self.recipe.seed, step)
        self.optimizer.clear_gradients()
        with cast(self.engine):
            outputs = self.module(batch)
        loss, correct = compute_loss(outputs, labels, self.recipe.smoothing, self.side_weights)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step(lr)
        if self.average:
            self.average.update(step)
        return loss.detach(), correct

    def averaged(self) -> AbstractContextManager[None]:
        """A `with` under which the module has the weights it is judged by."""
        return self.average.in_module() if self.average else nullcontext()

    def finish(self) -> None:
        """Leave the module with its final weights, in eval mode, without gradients."""
        if self.average:
            self.average.put_into_module()
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
        for name, value in (self.average.tensors() if self.average else {}).items():
            yield "average", name, value


_OTHER = "it is of another network. Train that network, or this one in a new folder."
