"""What a network that looks its inputs up in a table needs: they are symbols, whole numbers, and stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from striate.auto.recipe import Plan
from striate.nets import Placed

BYTE = 1 / 255


def keep_symbols(plan: Plan, placed: Sequence[Placed]) -> Plan:
    """The plan with bytes left as the whole numbers that they are, where the network begins with `embed`."""
    recipe = plan.recipe
    if placed[0].word != "embed" or recipe.mean == (0.0,):  # as it is for words
        return plan
    return Plan(replace(recipe, mean=(0.0,), std=(BYTE,)), (*plan.reasons, "bytes go in as whole numbers: symbols"))
