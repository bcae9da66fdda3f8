"""Under what a module is taken away: every part of it in eval mode, without gradients, and without torch's chatter."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from striate.nets.export.hushing import hush_thread

LOUD = ("torch", "onnx", "onnxscript", "onnx_ir")
"""Whose loggers chat while a graph is taken: these are silenced, and no others."""


@contextmanager
def eval_mode(module: nn.Module) -> Iterator[None]:
    """A `with` under which nothing is training and no gradient is kept; each part's own mode comes back.

    >>> module = nn.Sequential(nn.ReLU().eval(), nn.Dropout())
    >>> with eval_mode(module):
    ...     [part.training for part in module.modules()]
    [False, False, False]
    >>> [part.training for part in module.modules()]
    [True, False, True]
    """
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, training in modes.items():
            part.training = training


@contextmanager
def quiet() -> Iterator[None]:
    """A `with` under which nothing is printed, warned or logged: torch's exporters do, of things that no user can mend.

    Other threads print and log what they did: a server may run beside.
    """
    with _silence_loggers(), warnings.catch_warnings(), hush_thread():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _silence_loggers() -> Iterator[None]:
    """A `with` under which the LOUD ones' loggers, and those that they make meanwhile, say nothing."""
    known = {name: logging.getLogger(name) for name in [*LOUD, *logging.root.manager.loggerDict] if _is_loud(name)}
    before = {name: (logger.disabled, logger.level) for name, logger in known.items()}
    for logger in known.values():
        logger.disabled = True
        logger.setLevel(logging.CRITICAL + 1)  # what those inherit that are made later
    try:
        yield
    finally:
        for name, (disabled, level) in before.items():
            known[name].disabled = disabled
            known[name].setLevel(level)


def _is_loud(name: str) -> bool:
    return name.partition(".")[0] in LOUD
