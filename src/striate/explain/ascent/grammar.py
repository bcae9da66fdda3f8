"""Objectives as text: `conv3:5 - 0.5*conv3:7`, `class:cat + features.0:3@centre`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from striate.errors import InputError
from striate.explain.ascent.objectives import ClassScore, Objective, Unit

SIGN = re.compile(r"\s*([+-])\s*")
WEIGHT = re.compile(r"(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)\s*\*\s*", re.IGNORECASE)
UNIT = re.compile(r"([^\s:*\"]+):(\d{1,9})(?:@(centre|mean|\d{1,9}(?:,\d{1,9})*))?(?![^\s*+-])")
CLASS = re.compile(r'class:(?:"([^"]*)"|(\d{1,9})(?![^\s*+-]))')
EXAMPLE = "such as `conv3:5 - 0.5*conv3:7` or `class:cat`"


def read_objective(text: str, classes: Sequence[str] = ()) -> Objective:
    """Read a sum of terms, each a unit (`layer:unit`, `@centre` or `@3,4` for one cell of it) or a class.

    A class is named as it is, in quotes where that could be misread, or by its number. Before a term may stand a weight
    and `*`.

    Raises:  InputError, with the rest that can't be read.

    >>> read_objective("conv3:5 - 0.5*conv3:7").text
    'conv3:5 - 0.5*conv3:7'
    >>> read_objective('class:cat + 2*features.0:3@centre', ["dog", "cat"]).text
    'class:cat + 2*features.0:3@centre'
    """
    rest, total = text.strip(), None
    while rest or total is None:
        sign = SIGN.match(rest)
        if total is not None and sign is None:
            raise InputError(f"objective: found `{rest}` in `{text}`, needed + or - before it")
        rest = rest[sign.end() :] if sign else rest
        weight = WEIGHT.match(rest)
        rest = rest[weight.end() :] if weight else rest
        term, rest = _read_term(rest, text, classes)
        signed = (float(weight[1]) if weight else 1.0) * (-1 if sign and sign[1] == "-" else 1)
        total = signed * term if total is None else total + signed * term
        rest = rest.strip()
    return total


def _read_term(rest: str, text: str, classes: Sequence[str]) -> tuple[Objective, str]:
    """The term at the beginning, and what follows it."""
    if rest.startswith("class:"):
        return _read_class(rest, classes)
    match = UNIT.match(rest)
    if match is None:
        raise InputError(f"objective: found `{rest}` in `{text}`, needed a unit or a class, {EXAMPLE}")
    layer, unit, spot = match.groups()
    cell = tuple(map(int, spot.split(","))) if spot and spot[0].isdigit() else spot or "mean"
    return Unit(layer, int(unit), cell), rest[match.end() :]


def _read_class(rest: str, classes: Sequence[str]) -> tuple[Objective, str]:
    """A class by the longest name that fits, in quotes, or by number."""
    body = rest.removeprefix("class:")
    for name in sorted(classes, key=len, reverse=True):
        if name and body.startswith(name) and re.match(r"$|[\s+-]", body[len(name) :]):
            return ClassScore(classes.index(name), name), body[len(name) :]
    match = CLASS.match(rest)
    quoted: str | None = match[1] if match else None
    if match is None or (quoted is not None and quoted not in classes):
        known = ", ".join(classes[:12]) + (", ..." if len(classes) > 12 else "")
        raise InputError(f"objective: found `{rest}`, needed a class by its number{' or name: ' * bool(known)}{known}")
    target = int(match[2]) if quoted is None else classes.index(quoted)
    label = classes[target] if target < len(classes) else ""
    return ClassScore(target, label), rest[match.end() :]
