"""The receptive field of every value of a trace, borders ignored: carried forward from the input, axis by axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import TypeAlias

from striate.arithmetic import (
    Field,
    Window,
    contain_field,
    extend_field,
    extend_field_listed,
    extend_field_transposed,
    join_fields,
    start_field,
)
from striate.arithmetic.repeat import find_repeat
from striate.measure.merged import Merged, begin_merged, carry_merged
from striate.measure.operation import Value
from striate.measure.reach import Axis, Digit, Joined, Listed, Only, Reach, Same, Slide, Sources
from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.rule import read_everything
from striate.measure.rules.steps import look_through
from striate.measure.trace import Trace


@dataclass(frozen=True)
class Seen:
    """How a value sees one axis of the input.

    Along its axis `dim` by `field`; with `dim` None all of its cells see the same: what `field` says of cell 0, or,
    where that is None too, the whole axis. Where `is_exact` is false the field contains what each cell sees. `merged`
    keeps what is exact of an axis that was merged with others, or cut, and may come apart or together again.
    """

    dim: int | None
    field: Field | None
    is_exact: bool = True
    merged: Merged | None = None


WHOLE = Seen(None, None)
View: TypeAlias = tuple[Seen, ...]
"""One for each spatial axis of the input."""


@dataclass(frozen=True)
class ReceptiveField:
    """What the cells of one row see of the input, borders ignored; each a tuple over the input's spatial axes.

    `size` is the extent seen; `step` how far it moves from one cell to the next (0: all cells see the same);
    `offset` the first input index that cell 0 sees, negative in padding. Where cells differ, it contains what each sees
    and `varies` is true.
    """

    size: tuple[int, ...]
    step: tuple[Fraction, ...]
    offset: tuple[int, ...]
    varies: bool = False


def read_fields(trace: Trace, input: int = 0, *, local: bool = False) -> dict[int, View]:
    """Find how each value of the forward pass sees the spatial axes of an input; the keys are the values' `id`.

    With `local`, a way that sees the whole input (statistics of a normalisation, a gate computed from a global pool) is
    left out wherever there is another way. Values that don't hang on the input are left out.

    Cost:    one step of integer arithmetic per operation and axis.
    Source:  Araujo, Norris, Sim, Distill 2019, section "Arbitrary computation graphs".
    """
    target = trace.inputs[input]
    views: dict[int, View] = {id(target): tuple(Seen(dim, start_field()) for dim in range(2, len(target.shape)))}
    for operation in trace.operations:
        if operation.phase != "forward" or not operation.depends:
            continue
        rule = find_rule(operation)
        for number, output in enumerate((*operation.outputs, *operation.writes)):
            sources = rule.reach(operation, number) if rule and number < len(operation.outputs) else None
            sources = read_everything(operation) if sources is None else sources
            view = _join(sources, output, views, local=local)
            if view is not None and id(output) not in views:
                views[id(output)] = view
    return views


def describe(view: View | None, extents: Sequence[int]) -> ReceptiveField | None:
    """Put a view in figures; None if it is the whole input, or there is no axis."""
    if not view or all(map(_is_whole, view, extents)):
        return None
    size, step, offset, varies = [], [], [], False
    for seen, extent in zip(view, extents, strict=True):
        if seen.field is None:
            field = Field(extent, Fraction(0), 0)
        elif seen.dim is None:
            part = seen.field.locate(0)
            field = Field(len(part), Fraction(0), part.start)
        else:
            field = contain_field(seen.field)
            varies = varies or not seen.is_exact or bool(seen.field.phases)
        size.append(field.size)
        step.append(field.step)
        offset.append(field.offset)
    return ReceptiveField(tuple(size), tuple(step), tuple(offset), varies)


def _is_whole(seen: Seen, extent: int) -> bool:
    """Whether all cells see the whole axis; a field that moves is told as it is, however wide."""
    if seen.field is None or seen.dim is not None:
        return seen.field is None
    part = seen.field.locate(0)
    return part.start <= 0 and part.stop >= extent


def _join(sources: Sources, output: Value, views: dict[int, View], *, local: bool) -> View | None:
    """Carry each source's view through its reach, and unite them axis by axis."""
    known = []
    for value, reach in sources:
        between = look_through(value)
        view = views.get(id(value)) if between is None else _join(between, value, views, local=local)
        if view is not None:
            known.append((view, value, reach))
    carried = [_carry(view, value, reach, output) for view, value, reach in known]
    if len(carried) < 2:
        return carried[0] if carried else None
    joined = []
    for number, seen in enumerate(zip(*carried, strict=True)):
        shares = [_find_share(view[number].dim, value, reach, output) for view, value, reach in known]
        joined.append(_unite(list(zip(seen, shares, strict=True)), output, local=local))
    return tuple(joined)


def _carry(view: View, value: Value, reach: Reach, output: Value) -> View:
    return tuple(_carry_seen(seen, value.shape, reach, output.shape) for seen in view)


def _carry_seen(seen: Seen, extents: tuple[int, ...], reach: Reach, shape: tuple[int, ...]) -> Seen:
    """Carry what is exact of merged axes beside what contains it; where the axis is whole again, that is the view."""
    carried = seen if seen.dim is None else _carry_axis(seen, extents[seen.dim], reach[seen.dim], shape)
    merged = None
    if seen.merged is not None:
        merged = carry_merged(seen.merged, reach, extents, shape)
    elif seen.dim is not None and seen.field is not None and seen.is_exact:
        merged = begin_merged(seen.field, reach[seen.dim])
    if merged is not None and merged.is_plain(shape):
        return Seen(merged.digit.dim, merged.field)
    return replace(carried, merged=merged)


def _carry_axis(seen: Seen, extent: int, axis: Axis, shape: tuple[int, ...]) -> Seen:
    field = seen.field
    if field is None:
        return WHOLE
    match axis:
        case Same(dim):
            return Seen(dim, field, seen.is_exact)
        case Slide(dim, window):
            extend = extend_field_transposed if window.transposed else extend_field
            made = extend(field, window.size, window.stride, window.dilation, window.before)
            return Seen(dim, made, seen.is_exact)
        case Listed(dim, windows):
            is_exact = seen.is_exact and find_repeat(windows) is not None
            return Seen(dim, extend_field_listed(field, windows, extent), is_exact)
        case Only(cells):
            parts = [part for part in map(field.locate, cells) if part]
            first = min((part.start for part in parts), default=0)
            size = max((part.stop for part in parts), default=first) - first
            return Seen(None, Field(size, Fraction(0), first), seen.is_exact)
        case Digit(dim, divide, modulo) if divide * modulo >= shape[dim] and len(shape) > 2:  # tokens, not a flat row
            listed = [(cell // divide,) for cell in range(shape[dim])]
            return Seen(dim, extend_field_listed(field, listed, extent), seen.is_exact)
        case Joined(dims, extents):
            inner = prod(extents[1:])  # what all cells of the finer axes see together
            return Seen(dims[0], extend_field(field, inner, inner), is_exact=False)
        case _:
            return WHOLE


def _find_share(dim: int | None, value: Value, reach: Reach, output: Value) -> Fraction:
    """The share of the output's cells that read anything of a source along an axis: less than 1 in a cat or a pad."""
    match reach[dim] if dim is not None else None:
        case Listed(_, windows):
            return Fraction(sum(map(bool, windows)), max(len(windows), 1))
        case Slide(made, Window(size=1, stride=1, before=before, transposed=False)) if dim is not None:
            cells = output.shape[made]
            return Fraction(max(0, min(cells, before + value.shape[dim]) - max(0, before)), max(cells, 1))
        case _:
            return Fraction(1)


def _unite(parts: list[tuple[Seen, Fraction]], output: Value, *, local: bool) -> Seen:
    """Unite what several sources show of one axis; a source that only borders read is left out."""
    if any(share * 2 >= 1 for _, share in parts):
        parts = [(seen, share) for seen, share in parts if share * 2 >= 1]
    views = list(dict.fromkeys(seen for seen, _ in parts))
    if local and any(seen.field is not None for seen in views):
        views = [seen for seen in views if seen.field is not None]
    if len(views) == 1:
        return views[0]
    dims = {seen.dim for seen in views}
    if len(dims) > 1 or any(seen.field is None for seen in views):
        return WHOLE
    dim, fields = dims.pop(), [seen.field for seen in views if seen.field is not None]
    if len({field.step for field in fields}) == 1:
        return Seen(dim, join_fields(fields), all(seen.is_exact for seen in views))
    return Seen(dim, _join_unequal(fields, output.shape[dim] if dim is not None else 1), is_exact=False)


def _join_unequal(fields: list[Field], cells: int) -> Field:
    """Unite fields that move by different steps, as where a resized branch meets another: cell by cell."""
    windows = []
    for cell in range(cells):
        parts = [part for part in (field.locate(cell) for field in fields) if part]
        first = min((part.start for part in parts), default=0)
        windows.append(range(first, max((part.stop for part in parts), default=first)))
    return extend_field_listed(start_field(), windows)
