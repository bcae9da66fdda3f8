"""Units that died: channels behind a ReLU that are 0 in every cell, for every sample looked at.

Such a unit passes nothing on and gets no gradient, so it can't come back; many of them mean that the learning rate was
too high, or that the network is wider than it needs to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from striate.engine import Engine, cast, place_batch, place_module, use_threads
from striate.train.batches import Array, normalise, read_inputs, take
from striate.train.inference import eval_mode
from striate.train.recipe import Recipe

MOST = 2048  # samples
_BATCH_ELEMENTS = 2**22
_FIRST = 64  # most networks have shown every unit active after so many


@dataclass(frozen=True)
class Silent:
    """One ReLU's channels: how many there are, and which of them were never active."""

    name: str
    channels: int
    dead: tuple[int, ...]


@dataclass(frozen=True)
class Silence:
    """What was never active on `looked` training samples, a row for each ReLU in the order of execution."""

    looked: int
    layers: tuple[Silent, ...]

    @property
    def dead(self) -> int:
        """How many channels were never active."""
        return sum(len(layer.dead) for layer in self.layers)

    @property
    def channels(self) -> int:
        """How many channels were looked at."""
        return sum(layer.channels for layer in self.layers)


def find_dead_units(module: nn.Module, inputs: Array, recipe: Recipe, engine: Engine, most: int = MOST) -> Silence:
    """Find the channels behind each ReLU (also relu6, and clamping at 0) that are 0 on `most` samples, in eval mode.

    A unit is a channel, axis 1 of what the ReLU gives, over all its cells. A ReLU is named by the module that runs it;
    one that runs several times counts as several. The samples are drawn by the recipe's seed. Any module will do: its
    parts are watched while it runs, and let go of afterwards, come what may.
    Cost: forward passes until every unit has been active, `most` samples at most.

    >>> first = nn.Linear(4, 3)
    >>> _ = nn.init.ones_(first.weight), nn.init.zeros_(first.bias)
    >>> with torch.no_grad(): _ = first.bias[1].fill_(-9)
    >>> net = nn.Sequential(nn.Flatten(), first, nn.ReLU(), nn.Linear(3, 2))
    >>> samples = np.full((6, 1, 4), 255, dtype=np.uint8)
    >>> find_dead_units(net, samples, Recipe(epochs=1, mean=(0.0,), std=(1.0,)), Engine())
    Silence(looked=6, layers=(Silent(name='2', channels=3, dead=(1,)),))
    """
    data = read_inputs(inputs, recipe)
    order = np.random.default_rng(recipe.seed).permutation(len(data))[:most]
    rows = max(1, _BATCH_ELEMENTS // max(1, data[:1].numel()))
    place_module(module, engine)
    active: dict[str, Tensor] = {}
    looked = 0
    with eval_mode(module), use_threads(engine), torch.inference_mode():
        while looked < len(order) and not (active and all(bool(each.all()) for each in active.values())):
            chosen = torch.from_numpy(np.sort(order[looked : looked + (rows if looked else min(rows, _FIRST))]))
            batch = place_batch(normalise(take(data, chosen).to(engine.device), recipe), engine)
            with watched(module) as watch, cast(engine):
                module(batch)
            for name, seen in watch.active.items():
                active[name] = active[name] | seen if name in active else seen
            looked += len(chosen)
    layers = [Silent(name, len(seen), tuple((~seen).nonzero()[:, 0].tolist())) for name, seen in active.items()]
    return Silence(looked, tuple(layers))


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves its __init_subclass__ untyped
    """Notes, while it is entered, which channels of every ReLU's output are above 0."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: what guards a mode against torch.compile loads the compiler, a second that nothing here needs."""
        return False

    def __init__(self) -> None:
        """Nothing has run yet."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.active: dict[str, Tensor] = {}
        self.running: list[str] = []
        self._calls: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        """Run an operation, and look at what a ReLU gives."""
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.ndim > 1 and _is_relu(func, args, kwargs or {}):
            name = self.running[-1] if self.running else ""
            self._calls[name] += 1
            key = name if self._calls[name] == 1 else f"{name} ({self._calls[name]})"
            axes = [axis for axis in range(result.ndim) if axis != 1]
            self.active[key] = ~(result.amax(axes) <= 0)
        return result


def _is_relu(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether an operation gives 0 for all that is below 0."""
    name = func.overloadpacket.__name__.rstrip("_")
    if name in ("relu", "relu6"):
        return True
    bounds = [*args[1:], *(kwargs[key] for key in ("min", "min_val") if key in kwargs)]
    floor = bounds[0] if bounds else None
    if name == "threshold":
        return floor == 0 and bounds[1] == 0
    return name in ("clamp", "clamp_min", "hardtanh") and isinstance(floor, int | float) and floor == 0


@contextmanager
def watched(module: nn.Module) -> Iterator[Watch]:
    """A `with` under which a module's ReLUs are watched; its hooks are gone afterwards, also after an error."""
    watch = Watch()
    handles = []
    try:
        for name, part in module.named_modules():
            handles.append(part.register_forward_pre_hook(partial(_enter, watch.running, name)))
            handles.append(part.register_forward_hook(partial(_leave, watch.running), always_call=True))
        with watch:
            yield watch
    finally:
        for handle in handles:
            handle.remove()


def _enter(running: list[str], name: str, module: nn.Module, inputs: Any) -> None:
    running.append(name)


def _leave(running: list[str], module: nn.Module, inputs: Any, outputs: Any) -> None:
    running.pop()
