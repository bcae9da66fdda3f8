"""A module made ready to answer: a copy with norms folded, weights in the engine's precision, fused on a CPU."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from striate.engine.agreement import agrees, answer_in_fp32
from striate.engine.chaining import Chained, can_chain
from striate.engine.choice import Engine, cast, place_batch, place_module, use_threads
from striate.engine.folding import fold_norms
from striate.engine.fusing import can_fuse, fuse_convolutions
from striate.engine.imprint import Imprint

_EXACT, _ROUGH = 1e-3, 3e-2  # of the largest output: rounding in fp32 gives 1e-6, in bf16 5e-3
_PROVED = 2  # samples that a rewritten module is held against the module with


@dataclass(frozen=True)
class _Kept:
    """A copy, the engine that it is for, and what the module was when it was made."""

    engine: Engine
    imprint: Imprint
    ready: nn.Module


_kept: WeakKeyDictionary[nn.Module, _Kept] = WeakKeyDictionary()
_ready: WeakKeyDictionary[nn.Module, Engine] = WeakKeyDictionary()


def prepare(module: nn.Module, engine: Engine, batch: Tensor) -> nn.Module:
    """A copy of `module` in eval mode that answers faster, on the engine; the module stays as it is.

    Batch norms are folded (`fold_norms`), the weights of convolutions and linear layers rounded once to the engine's
    precision instead of at each call, and on a CPU convolutions fused with what follows (`fuse_convolutions`), or, on
    an engine that compiles, whole chains of operations (`Chained`). Each change is held against the module on the
    batch's first two samples, and left out where the outputs differ by more than rounding. The copy is run under
    `cast(engine)`. It is kept as long as the module and its weights: asking again costs next to nothing.

    Shape:   what the module takes and gives; `batch` is floats.
    Cost:    one copy of the module, and a few passes of two samples.

    >>> module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).eval()
    >>> ready = prepare(module, Engine(), torch.ones(1, 1, 4, 4))
    >>> torch.allclose(ready(torch.ones(1, 1, 4, 4)), module(torch.ones(1, 1, 4, 4)), atol=1e-6)
    True
    """
    known = find_ready(module, engine)
    if known is not None:
        return known
    imprint = Imprint.take(module)
    with use_threads(engine), torch.no_grad():
        ready = _prepare(module, engine, batch[:_PROVED].detach().to(engine.device))
    _kept[module] = _Kept(engine, imprint, ready)
    _ready[ready] = engine
    return ready


def find_ready(module: nn.Module, engine: Engine) -> nn.Module | None:
    """The copy that `prepare` made last, where it is for this engine and the module hasn't changed."""
    found = _kept.get(module)
    return found.ready if found is not None and found.engine == engine and found.imprint.is_true() else None


def is_ready(module: nn.Module, engine: Engine) -> bool:
    """Whether `prepare` made the module for this engine: it is in place and in eval mode."""
    return _ready.get(module) == engine and not module.training


def _prepare(module: nn.Module, engine: Engine, batch: Tensor) -> nn.Module:
    plain = copy.deepcopy(module).to(engine.device).eval()
    expected = answer_in_fp32(plain, batch)
    folded = fold_norms(plain)
    ready = folded if agrees(folded, batch, expected, _EXACT) else plain
    if engine.precision == "bf16":
        _round_weights(ready)
    place_module(ready, engine)
    if not (engine.is_cpu and can_fuse()):
        return ready
    rough = _ROUGH if engine.precision == "bf16" else _EXACT
    fused = fuse_convolutions(copy.deepcopy(ready))
    with cast(engine):
        placed = place_batch(batch, engine)
        best = fused if agrees(fused, placed, answer_in_fp32(ready, placed), rough) else ready
    return Chained(best, rough).eval() if engine.compiled and can_chain(best) else best


def _round_weights(module: nn.Module) -> None:
    """As autocast would at each call: the layers that it casts, and those alone."""
    for part in module.modules():
        if isinstance(part, _ConvNd | nn.Linear):
            part.to(torch.bfloat16)
