"""Advice carried out: fixes written into a network's text, where they are right for all that the text means there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from striate.errors import NotationError
from striate.nets.editing import Edits, edit, find_places
from striate.nets.expansion import expand
from striate.nets.forms import write_example
from striate.nets.notation import parse
from striate.nets.paths import find_layers
from striate.nets.shapes import place
from striate.nets.tree import Layer, Net, Option
from striate.nets.tree import Sequence as Row
from striate.nets.words.word import Shape

if TYPE_CHECKING:
    from striate.measure.finding import Finding, Fix

OMITTED = {("stride", "1"), ("pad", "same"), ("dilation", "1"), ("groups", "1"), ("ceil", "no")}
"""Not written where the text says nothing else; a pool's stride and padding are never among them."""
POOLS = frozenset({"maxpool", "avgpool"})


@dataclass(frozen=True)
class Repair:
    """A repaired network: the findings whose fixes are in its text, and those that are not, each with the reason."""

    net: Net
    applied: tuple[Finding, ...]
    left: tuple[tuple[Finding, str], ...]


@dataclass
class _Change:
    """The same fixes for the same places in the text, wanted by one finding or by one for each layer meant there."""

    fixes: tuple[tuple[int, Fix], ...]
    findings: list[Finding]
    paths: set[str]


def repair(net: Net, findings: Iterable[Finding], input: Shape | None = None, classes: int | None = None) -> Repair:
    r"""Write the fixes of these findings into the text; what they don't concern stays as it is, comments too.

    A layer inside a definition or a repetition stands for several: it is changed only if each of them asks for it.
    No change is made that the text can't be read with, or, where the input's shape is known, that doesn't fit.

    Raises:  NotationError if the text needs a number of classes that isn't given.

    >>> from striate.measure.finding import Finding, Fix
    >>> found = Finding("idle", "relu2", "it does nothing", "0 cells", "Take it away", (Fix("relu2", "remove"),))
    >>> print(repair(parse("conv3-8, relu  # bends\nrelu, gap"), [found]).net.text)
    conv3-8, relu  # bends
    gap
    """
    ways = {path: layer.at for path, layer in find_layers(expand(net, classes))}
    uses: dict[int, set[str]] = defaultdict(set)
    for path, at in ways.items():
        uses[at].add(path)
    left: list[tuple[Finding, str]] = []
    changes = _gather(findings, ways, left)
    return _apply(net, _choose(changes, uses, left), left, input or net.input, classes)


def _gather(findings: Iterable[Finding], ways: dict[str, int], left: list[tuple[Finding, str]]) -> list[_Change]:
    """Put together the findings that ask for the same fixes at the same places; set aside those without one."""
    changes: dict[object, _Change] = {}
    for finding in findings:
        lost = [fix.path for fix in finding.fix if fix.path not in ways]
        if lost or not finding.fix:
            left.append((finding, f"the text has no layer `{lost[0]}`" if lost else "it has no fix of its own"))
            continue
        fixes = tuple((ways[fix.path], fix) for fix in finding.fix)
        change = changes.setdefault(tuple((at, fix.option, fix.value) for at, fix in fixes), _Change(fixes, [], set()))
        change.findings.append(finding)
        change.paths |= {fix.path for fix in finding.fix}
    return list(changes.values())


def _choose(changes: list[_Change], uses: dict[int, set[str]], left: list[tuple[Finding, str]]) -> list[_Change]:
    """Keep the changes that every layer asks for which their places stand for."""
    kept = []
    for change in changes:
        missing = [(len(uses[at]), min(uses[at] - change.paths)) for at, _ in change.fixes if uses[at] - change.paths]
        if missing:
            number, path = missing[0]
            reason = f"its place in the text stands for {number} layers, and {path} doesn't ask for this"
            left += [(finding, reason) for finding in change.findings]
        else:
            kept.append(change)
    return kept


def _apply(
    net: Net, wanted: list[_Change], left: list[tuple[Finding, str]], shape: Shape | None, classes: int | None
) -> Repair:
    """Make all of the changes; where they don't go together, one after the other, as far as each one fits."""

    def attempt(changes: Sequence[_Change]) -> Net:
        edited = edit(net, _plan(net, changes)) if changes else net
        if shape is not None:
            place(edited, shape, classes)
        return edited

    made: list[_Change] = []
    try:
        edited = attempt(wanted)
        made = wanted
    except NotationError:
        edited = net
        for change in wanted:
            try:
                edited = attempt([*made, change])
                made = [*made, change]
            except NotationError as problem:
                left += [(finding, problem.problem) for finding in change.findings]
    return Repair(edited, tuple(finding for change in made for finding in change.findings), tuple(left))


def _plan(net: Net, changes: Sequence[_Change]) -> Edits:
    """What stands in the place of each layer that is concerned.

    Raises:  NotationError where two changes want different things of one layer.
    """
    layers, _ = find_places(net)
    plans: dict[int, dict[str, str]] = defaultdict(dict)
    for change in changes:
        for at, fix in change.fixes:
            plan = plans[at]
            if plan.get(fix.option) == fix.value:
                continue
            if fix.option in plan or "remove" in plan or (plan and fix.option == "remove"):
                raise net.fail(at, "found two fixes for this layer, needed one. Measure again after the other one")
            plan[fix.option] = fix.value
    return {at: _rewrite(layers[at], plan) for at, plan in plans.items()}


def _rewrite(layer: Layer, plan: dict[str, str]) -> Row:
    if "remove" in plan:
        return ()
    before, after = (parse(plan[side]).body if side in plan else () for side in ("before", "after"))
    for option, value in plan.items():
        if option not in ("before", "after"):
            layer = _change(layer, option, value)
    return (*before, layer, *after)


def _change(layer: Layer, option: str, value: str) -> Layer:
    """One part or option of a layer set, or left out where it says what holds anyway."""
    silent = (option, value) in OMITTED and not (layer.word in POOLS and option in ("stride", "pad"))
    if option == "channels":
        return replace(layer, channels=int(value))
    if option in ("size", "stride"):
        numbers = () if silent else tuple(map(int, value.split("x")))
        return replace(layer, size=numbers) if option == "size" else replace(layer, stride=numbers)
    if (option, value) == ("pad", "same") and any(_keeps_extents(given) for given in layer.options):
        return layer
    options = tuple(
        _read_option(layer.word, option, value) if given.key == option else given for given in layer.options
    )
    if all(given.key != option for given in options) and not silent:
        options = (*options, _read_option(layer.word, option, value))
    return replace(layer, options=options)


def _keeps_extents(option: Option) -> bool:
    """Whether a layer's padding is a word that leaves as many cells as `same` does, whatever the kernel."""
    return option.key == "pad" and all(str(part) in ("same", "causal") for part in option.setting)


def _read_option(word: str, option: str, value: str) -> Option:
    layer = parse(f"{write_example(word)} {option}={value}").body[0]
    assert isinstance(layer, Layer)
    return layer.options[0]
