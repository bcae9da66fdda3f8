"""Runs side by side: what they were told differently, and how well each did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_FIGURES = ("accuracy", "merit", "loss", "correct", "total", "balanced_accuracy")
_ONCE = ("reasons", "environment", "choices", "machine", "versions")  # about the machine or in words, not a wish


def compare_settings(settings: Sequence[Mapping[str, Any] | None]) -> list[tuple[str, list[Any]]]:
    """What differs between the settings of runs: its name, and each run's value (None where it has none).

    >>> compare_settings([{"seed": 0, "recipe": {"lr": 0.1}}, {"seed": 0, "recipe": {"lr": 0.2}}])
    [('recipe.lr', [0.1, 0.2])]
    """
    flat = [_flatten(each or {}) for each in settings]
    names = dict.fromkeys(name for each in flat for name in each)
    rows = [(name, [each.get(name) for each in flat]) for name in names]
    return [(name, values) for name, values in rows if any(value != values[0] for value in values[1:])]


def gather_figures(
    histories: Sequence[Sequence[Mapping[str, Any]]], results: Sequence[Mapping[str, Any] | None]
) -> list[tuple[str, list[Any]]]:
    """The figures of runs: those of the last epoch, and those of the part that was held out.

    >>> gather_figures([[{"epoch": 2, "train_loss": 0.5}], []], [None, {"accuracy": 0.75}])
    [('epoch', [2, None]), ('train_loss', [0.5, None]), ('held out: accuracy', [None, 0.75])]
    """
    last = [_plain(history[-1]) if history else {} for history in histories]
    names = dict.fromkeys(name for each in last for name in each)
    rows = [(name, [each.get(name) for each in last]) for name in names]
    held = [each or {} for each in results]
    known = [name for name in _FIGURES if any(each.get(name) is not None for each in held)]
    return rows + [(f"held out: {name}", [each.get(name) for each in held]) for name in known]


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if isinstance(value, int | float)}


def _flatten(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Settings by their whole name; lists are one value."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if not before and name in _ONCE:
            continue
        if isinstance(value, Mapping) and value:
            found |= _flatten(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found
