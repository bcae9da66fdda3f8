"""One step that is timed: forward and backward of a module, on an engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from striate.engine.choice import Engine, cast, use_threads


def take_step(forward: Callable[..., Any], module: nn.Module, batch: Tensor, engine: Engine) -> float:
    """The seconds that a forward and a backward pass take; `module` holds the gradients that `forward` leaves."""
    with use_threads(engine), torch.enable_grad():
        start = time.perf_counter()
        module.zero_grad(set_to_none=True)
        with cast(engine):
            tensors = list_outputs(forward(batch))
        torch.stack([tensor.float().square().mean() for tensor in tensors]).sum().backward()  # type: ignore[no-untyped-call]
        wait(engine)
        return time.perf_counter() - start


def take_answer(forward: Callable[..., Any], batch: Tensor, engine: Engine) -> tuple[float, Tensor]:
    """The seconds that a forward pass takes, and the first of its outputs in fp32."""
    with use_threads(engine), torch.inference_mode(), cast(engine):
        start = time.perf_counter()
        outputs = list_outputs(forward(batch))
        wait(engine)
        return time.perf_counter() - start, outputs[0].float()


def list_outputs(outputs: Any) -> tuple[Tensor, ...]:
    """A network's outputs, one or several."""
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)


def wait(engine: Engine) -> None:
    """Until what was asked of the device is done."""
    if not engine.is_cpu:
        torch.cuda.synchronize(engine.device)


@contextmanager
def random_state_kept(device: str) -> Iterator[None]:
    """A `with` after which torch's random state is the caller's again."""
    devices = () if torch.device(device).type == "cpu" else range(torch.cuda.device_count())
    with torch.random.fork_rng(devices=devices):
        yield
