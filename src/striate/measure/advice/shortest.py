"""The receptive field along the shortest way: where branches meet, the narrowest of them counts, not their union.

A layer adds context as long as some way to it has seen less than the whole input; skips keep such ways open for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from striate.arithmetic import Field, extend_field, extend_field_listed, extend_field_transposed, start_field
from striate.measure.operation import Value
from striate.measure.reach import Listed, Reach, Same, Slide, Sources
from striate.measure.rules.catalogue import find_rule
from striate.measure.trace import Trace

Track: TypeAlias = "tuple[int, Field] | None"
"""Along which axis of a value the input's axis runs, and its field; None where the whole axis is seen."""


def read_shortest(trace: Trace, input: int = 0) -> dict[int, tuple[Track, ...]]:
    """Find the narrowest field of each value (by its `id`), one entry for each spatial axis of an input."""
    target = trace.inputs[input]
    tracks: dict[int, tuple[Track, ...]] = {
        id(target): tuple((dim, start_field()) for dim in range(2, len(target.shape)))
    }
    for operation in trace.operations:
        if operation.phase != "forward" or not operation.depends:
            continue
        rule = find_rule(operation)
        for number, output in enumerate((*operation.outputs, *operation.writes)):
            known = rule is not None and number < len(operation.outputs)
            sources = rule.reach(operation, number) if rule is not None and known else []
            found = _choose(sources, tracks)
            if found is not None:
                tracks.setdefault(id(output), found)
    return tracks


def _choose(sources: Sources, tracks: dict[int, tuple[Track, ...]]) -> tuple[Track, ...] | None:
    """The narrowest way to each axis among what is read; None where nothing of it hangs on the input."""
    carried = [
        tuple(_carry(track, value, reach) for track in found)
        for value, reach in sources
        if (found := _find(value, tracks)) is not None
    ]
    return tuple(map(_narrow, zip(*carried, strict=True))) if carried else None


def _find(value: Value, tracks: dict[int, tuple[Track, ...]]) -> tuple[Track, ...] | None:
    """The tracks of a value, or of one that only lies between the input and the output of an operation."""
    if id(value) in tracks or value.maker is None or value.maker.target != "striate.step.default":
        return tracks.get(id(value))
    return _choose([value.maker.arguments], tracks)


def _narrow(tracks: Sequence[Track]) -> Track:
    return min((track for track in tracks if track is not None), key=lambda track: track[1].size, default=None)


def _carry(track: Track, value: Value, reach: Reach) -> Track:
    if track is None:
        return None
    dim, field = track
    match reach[dim]:
        case Same(made):
            return made, field
        case Slide(made, window):
            extend = extend_field_transposed if window.transposed else extend_field
            return made, extend(field, window.size, window.stride, window.dilation, window.before)
        case Listed(made, windows):
            return made, extend_field_listed(field, windows, value.shape[dim])
        case _:
            return None
