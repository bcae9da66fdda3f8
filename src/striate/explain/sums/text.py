"""A spelled-out sum as text, for a terminal: the formula, each channel's products, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator

from striate.explain.sums.spelled import GAP, PADDING, Sum, Terms, write_number

MOST_LINES = 40


def write_sum(spelled: Sum, most: int = MOST_LINES) -> str:
    r"""Write a sum in lines; of more than `most` terms the first ones, and each channel's part.

    >>> from striate.explain.sums.spelled import Step
    >>> step = Step("relu", (0, 0, 1), "max(0, -1) = 0", 0.0, 0.0)
    >>> write_sum(Sum("relu1", "relu", (0, 1), 0.0, 0.0, step.formula, (step,)))
    'relu1 (relu), cell 0, 1: 0\n  max(0, -1) = 0'
    """
    return "\n".join(_write_lines(spelled, most))


def _write_lines(spelled: Sum, most: int) -> Iterator[str]:
    where = ", ".join(map(str, spelled.cell))
    yield f"{spelled.layer} ({spelled.kind}), cell {where}: {write_number(spelled.value)}"
    if spelled.terms is not None:
        yield from _write_terms(spelled.terms, most)
    for step in spelled.steps[-most:]:
        yield f"  {step.formula}"
    yield from (f"  {note}" for note in spelled.notes)


def _write_terms(terms: Terms, most: int) -> Iterator[str]:
    shown = [number for number, state in enumerate(terms.states) if state != GAP][:most]
    for number in shown:
        cell = ", ".join(map(str, terms.places[number]))
        name = "padding" if terms.states[number] == PADDING else f"{terms.sources[terms.source[number]]}[{cell}]"
        weight, read = write_number(terms.weights[number]), write_number(terms.inputs[number])
        yield f"  {weight} * {read} = {write_number(terms.products[number])}   {name}"
    left = int((terms.states != GAP).sum()) - len(shown)
    if left:
        yield f"  ... and {left} more"
    if terms.grid[0] > 1 and len(terms.grid) > 1 and terms.grid[1:] != (1,):
        parts = ", ".join(map(write_number, terms.partial[:most]))
        yield f"  by channel: {parts}" + (", ..." if terms.grid[0] > most else "")
