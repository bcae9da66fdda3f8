"""Parameters that nothing reads: those of modules that are never called, and those left over in modules that are."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from striate.measure.finding import Finding
from striate.measure.table import Table
from striate.measure.trace import Trace


def find_unused_modules(table: Table) -> Iterator[Finding]:
    """The outermost modules of which no part was called and no parameter was read, one finding each.

    Modules without parameters are left out: many only hold a setting, or serve outside of the network.
    """
    trace = table.trace
    unread, alive = _list_unread(trace), _list_alive(trace)
    for path, kind in trace.modules.items():
        held = [value for name, value in trace.parameters.items() if name in unread and name.startswith(f"{path}.")]
        if path in alive or path.rpartition(".")[0] not in alive or not held:
            continue
        yield Finding(
            "unused-module",
            path,
            f"this {kind} is never called in {trace.mode} mode, and nothing reads its parameters",
            f"{sum(prod(value.shape) for value in held):,} parameters",
            "Take it away, or call it in forward",
        )


def find_unused_parameters(table: Table) -> Iterator[Finding]:
    """Parameters that nothing reads, of modules that do run."""
    trace = table.trace
    alive = _list_alive(trace)
    for name in sorted(_list_unread(trace)):
        owner, _, own = name.rpartition(".")
        if owner in alive:
            yield Finding(
                "unused-parameter",
                owner,
                f"nothing reads its parameter {own} in {trace.mode} mode",
                f"{prod(trace.parameters[name].shape):,} parameters",
                "Take it away, or use it",
            )


def _list_unread(trace: Trace) -> set[str]:
    """The names of the parameters that no operation reads."""
    read = {id(value) for operation in trace.operations for value in operation.inputs}
    return {name for name, value in trace.parameters.items() if id(value) not in read}


def _list_alive(trace: Trace) -> set[str]:
    """The modules that were called, those whose parameters were read, and all around them."""
    unread = _list_unread(trace)
    busy = {call.path for call in trace.calls} | {name.rpartition(".")[0] for name in {*trace.parameters} - unread}
    return {path[:end] for path in busy for end in _list_ends(path)}


def _list_ends(path: str) -> list[int]:
    """Where the path of each module around a module ends, its own included."""
    return [0, *(place for place, letter in enumerate(path) if letter == "."), len(path)]
