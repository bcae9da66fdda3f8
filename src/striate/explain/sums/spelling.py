"""One cell of one layer, spelled out: from what it gives back to what came into it, operation by operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from striate.errors import InputError
from striate.explain.sums import choosing, normed, pointwise, weighed
from striate.explain.sums.asked import Asked, Cell, Operand, Rule
from striate.explain.sums.layers import Layer, list_layers
from striate.explain.sums.origins import Scope, find_origin
from striate.explain.sums.playing import Play
from striate.explain.sums.spelled import Step, Sum, Terms, write_number
from striate.measure.operation import Operation, Value
from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.rule import read_alike

RULES: dict[str, Rule] = {**weighed.RULES, **choosing.RULES, **normed.RULES, **pointwise.RULES}
MOST_STEPS = 64


def find_layer(playing: Play, layer: str | int) -> Layer:
    """A layer by its name or its place.

    Raises:  InputError, with names that are there.
    """
    layers = list_layers(playing.trace)
    for each in layers:
        if layer in (each.index, each.name):
            return each
    below = [each for each in layers if isinstance(layer, str) and each.name.startswith(f"{layer}.")]
    if below:
        return below[-1]
    known = ", ".join(each.name for each in layers[:12]) + (", ..." if len(layers) > 12 else "")
    raise InputError(f"layer: found no `{layer}`, needed one of {known}")


def spell_cell(playing: Play, layer: str | int, cell: Sequence[int]) -> Sum:
    """Spell out the whole sum behind a cell (channel, *place) of a layer.

    Cost:    the layer's movements of numbers once, and work in proportion to the terms.
    Raises:  InputError for a layer or cell that there isn't, and for an operation that can't be spelled out.
    """
    found = find_layer(playing, layer)
    place = check_cell(found, cell)
    spelling = _Spelling(playing, found)
    spelling.follow(found.value, (0, *place))
    steps = tuple(spelling.steps)
    value = float(playing.read(found.value)[(0, *place)])
    terms, bias = _find_terms(steps)
    terms = _lay_in_grid(terms, playing, len(found.shape))
    entering = spelling.entering
    notes = (f"The first {MOST_STEPS} of more steps are shown.",) if spelling.is_cut else ()
    return Sum(
        found.name,
        found.kind,
        place,
        value,
        steps[-1].total,
        steps[-1].formula,
        steps,
        terms,
        bias,
        found.shape,
        entering.shape[1:] if entering is not None else (),
        notes,
    )


def check_cell(layer: Layer, cell: Sequence[int]) -> tuple[int, ...]:
    """The cell, if there is such a one.

    Raises:  InputError if not.
    """
    place = tuple(cell)
    shape = layer.shape
    if len(place) != len(shape) or not all(0 <= index < extent for index, extent in zip(place, shape, strict=True)):
        needed = ", ".join(f"0 to {extent - 1}" for extent in shape)
        raise InputError(f"cell: found {', '.join(map(str, place))}, needed one of layer {layer.name}: {needed}")
    return place


def _find_terms(steps: Sequence[Step]) -> tuple[Terms | None, float | None]:
    """The sum that weighs the layer's input, if there is just one, and what is added to it."""
    weighing = [step for step in steps if step.terms is not None]
    if len(weighing) != 1:
        return None, steps[-1].facts.get("bias") if not weighing else None
    terms, bias = weighing[0].terms, weighing[0].facts.get("bias")
    after = steps[steps.index(weighing[0]) + 1 :]
    if len(after) == 1 and "bias" in after[0].facts:
        bias = after[0].facts["bias"]
    return terms, bias


def _lay_in_grid(terms: Terms | None, playing: Play, axes: int) -> Terms | None:
    """A product with the kernel of one cell (a local layer's) as channels x kernel, as its parameter has them."""
    parameter = playing.trace.parameters.get(terms.parameter or "") if terms is not None else None
    if terms is None or parameter is None or terms.grid[1:] != (1,) or len(parameter.shape) <= axes:
        return terms
    grid = parameter.shape[-axes:]
    return replace(terms, grid=grid) if prod(grid) == len(terms.weights) else terms


class _Spelling:
    """Goes back from a cell within one layer; each operation's cell is met once, operands before what they make."""

    def __init__(self, playing: Play, layer: Layer) -> None:
        self.playing, self.layer = playing, layer
        self.scope: Scope = lambda operation: operation.call == layer.call and operation.index <= layer.operation.index
        self.is_leaf = bool(layer.call) and not playing.trace.calls[layer.call].has_children
        self.steps: list[Step] = []
        self.met: set[tuple[int, Cell]] = set()
        self.is_cut = False
        self.entering: Value | None = None

    def follow(self, value: Value, cell: Cell) -> None:
        """Spell out the cell of a value, what it is made of first."""
        origin = find_origin(self.playing, value, self.scope)
        number = int(origin.numbers[cell])
        found = origin.find(number)
        if found is None:
            self._fill_in(value, cell)
            return
        root, place = found
        maker = root.maker
        if maker is not None and not any(maker.inputs):
            return  # a constant
        if maker is None or not self.scope(maker) or (not self.is_leaf and maker is not self.layer.core):
            if root.origin not in ("parameter", "buffer") and self.entering is None:
                self.entering = root
            if not self.steps and root is not self.layer.value and value is self.layer.value:
                self._pass_on(value, cell, place)
            return
        self._spell(maker, root, place)

    def _spell(self, maker: Operation, root: Value, place: Cell) -> None:
        if (id(root), place) in self.met:
            return
        self.met.add((id(root), place))
        if len(self.met) > MOST_STEPS:
            self.is_cut = True
            return
        outputs = maker.outputs or maker.writes
        output = next((number for number, each in enumerate(outputs) if each is root), 0)
        asked = Asked(self.playing, maker, output, place, self.scope)
        step, operands = find_rule_of(maker, self.layer)(asked)
        for operand in operands:
            self.follow(*operand)
        if step.terms is not None and self.entering is None:
            self._enter(asked)
        self.steps.append(self._name_bias(step, maker, operands))

    def _enter(self, asked: Asked) -> None:
        for value in asked.operation.inputs:
            for _, root in asked.origin(value).roots:
                if root.origin not in ("parameter", "buffer"):
                    self.entering = root
                    return

    def _name_bias(self, step: Step, maker: Operation, operands: list[Operand]) -> Step:
        """A sum with a parameter is a bias."""
        if maker.name.removesuffix("_") != "add" or len(operands) != 2:
            return step
        for value, cell in operands:
            roots = find_origin(self.playing, value, self.scope).roots
            if roots and all(root.origin == "parameter" for _, root in roots):
                bias = float(self.playing.read(value)[cell])
                facts = {**step.facts, "bias": bias}
                return Step(step.name, step.cell, step.formula, step.total, step.value, facts, step.terms, step.scale)
        return step

    def _pass_on(self, value: Value, cell: Cell, place: Cell) -> None:
        number = float(self.playing.read(value)[cell])
        where = ", ".join(map(str, place[1:]))
        formula = f"input[{where}] = {write_number(number)}: the number is moved, not changed"
        self.steps.append(Step("move", cell, formula, number, number))

    def _fill_in(self, value: Value, cell: Cell) -> None:
        number = float(self.playing.read(value)[cell])
        self.steps.append(
            Step("fill", cell, f"{write_number(number)}: no cell of the input, it is filled in", number, number)
        )


def find_rule_of(operation: Operation, layer: Layer) -> Rule:
    """How an operation is spelled out.

    Raises:  InputError for one that can't be.
    """
    name = operation.name
    rule = RULES.get(name) or RULES.get(name.removesuffix("_"))
    if rule is not None:
        return rule
    known = find_rule(operation)
    if operation.is_pointwise or (known is not None and known.reach is read_alike):
        return pointwise.spell_pointwise
    kind = f" ({known.kind})" if known is not None and isinstance(known.kind, str) and known.kind != name else ""
    raise InputError(
        f"layer {layer.name}: `{name}`{kind} can't be spelled out cell by cell: "
        "it works out all its cells in one piece. Choose a layer before or behind it"
    )
