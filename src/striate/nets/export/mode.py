"""Under what a module is taken away: every part of it in eval mode, without gradients, and without torch's chatter."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import torch
from torch import nn


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
    """A `with` under which nobody prints, warns or logs: torch's exporters do, of things that no user can mend."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
