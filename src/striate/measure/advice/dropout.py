"""Dropout right before batch norm: the variance that the norm learns in training is not the one it meets afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from striate.measure.advice.flow import BATCH_NORMS, Flow, find_dropout, name_layer
from striate.measure.finding import Finding, Fix
from striate.measure.operation import Operation
from striate.measure.table import Table


def find_dropouts_before_norm(table: Table) -> Iterator[Finding]:
    """Dropouts that a batch norm reads, in a network measured in train mode.

    Dropping with probability p and scaling by 1/(1-p) multiplies the variance by at least 1/(1-p); the running averages
    keep that one, while in eval mode nothing is dropped.

    Source: Li, Chen, Hu, Yang 2018, arXiv:1801.05134, sec. 3.
    """
    flow = Flow(table.trace)
    for operation in flow.operations:
        dropped = find_dropout(operation)
        norm = flow.find_only_reader(operation.outputs[0]) if dropped is not None else None
        if dropped is None or norm is None or norm.name not in BATCH_NORMS or not norm.get(5, "training"):
            continue
        yield Finding(
            "dropout-before-bn",
            operation.path,
            f"the batch norm that follows, {name_layer(norm)}, learns a variance that eval mode doesn't have",
            f"p={dropped[1]:g}: in training at least {1 / (1 - dropped[1]):.3g} times as large",
            "Put the dropout behind the last batch norm",
            _propose_exchange(flow, operation, norm, dropped[1]),
        )


def _propose_exchange(flow: Flow, dropout: Operation, norm: Operation, p: float) -> tuple[Fix, ...]:
    """Move the dropout behind the norm, unless it would then stand before another one."""
    following = flow.find_only_reader(norm.outputs[0])
    if following is not None and (following.name in BATCH_NORMS or find_dropout(following) is not None):
        return ()
    there = flow.propose(norm, "after", "dropout" if p == 0.5 else f"dropout p={p:g}")
    away = flow.propose(dropout, "remove")
    return (*away, *there) if away and there else ()
