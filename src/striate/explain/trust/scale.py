"""What deletion and insertion are measured on, from 0 to 1: it hangs on what a network's scores stand for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """What is measured, as the `subject` of a sentence; `note` says what 0 and 1 are where that isn't plain."""

    subject: str
    note: str = ""


SCALES = {
    "classes": Scale("the network's probability"),
    "labels": Scale("the label's probability"),
    "cells": Scale(
        "the class's probability", "It is the softmax of the scores' means over all cells of the input, no cell's own."
    ),
    "numbers": Scale(
        "the number's height",
        "0 is the lowest and 1 (100 %) the highest of what the network says of the whole input, of an empty one and of "
        "the one that insertion begins with; what lies beyond counts as 0 or 1.",
    ),
    "unit": Scale("the unit's peak", "It is a share of the peak in the whole input, at most 1."),
}
"""By what the scores stand for, as `Question.meaning` has it; `unit` where one was asked about."""
