"""advise: what measuring found of a text's network, each with the text as its fix would leave it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from striate.verbs.sketching import read_text, sketch, trace_text

if TYPE_CHECKING:
    from striate.measure.finding import Finding
    from striate.nets.words.word import Shape

MOST_FIXES = 40  # each is tried in the text


@dataclass(frozen=True)
class Advice:
    """Findings of one kind at one place of the text.

    `layers` are those concerned, `node` the sketch's number of the first; `fix` says what would be done, `text` is the
    whole text with it done, and `left` why it can't be.
    """

    name: str
    layers: tuple[str, ...]
    node: int | None
    at: int | None
    reason: str
    figure: str
    remedy: str
    fix: str = ""
    text: str | None = None
    left: str = ""


def advise_text(text: str, input: Shape | None = None, classes: int | None = None) -> tuple[Advice, ...]:
    r"""Advise on a text's network: findings of one kind at one place of the text are one advice.

    Raises:  InputError where the network can't be run.

    >>> found = advise_text("input 3x8x8\nconv3-8 bias=yes, bn, relu, conv3-8, gap, flatten, fc-2", None)
    >>> found[0].name, found[0].text
    ('bias-before-bn', 'input 3x8x8\nconv3-8 bias=no, bn, relu, conv3-8, gap, flatten, fc-2')
    """
    from striate.measure.advice import advise

    groups: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    places = _find_places(text, input, classes)
    for finding in advise(trace_text(text, input, classes, 1)):
        place = places.get(finding.layer, (None, None))[1]
        changes = tuple((places.get(fix.path, (None, None))[1], fix.option, fix.value) for fix in finding.fix)
        groups[(finding.name, place if place is not None else finding.layer, changes)].append(finding)
    fixes = 0
    found = []
    for findings in groups.values():
        fixes += bool(findings[0].fix)
        tried = bool(findings[0].fix) and fixes <= MOST_FIXES
        found.append(_make_advice(findings, places, _mend(text, findings, input, classes) if tried else (None, "")))
    return tuple(found)


def _find_places(text: str, input: Shape | None, classes: int | None) -> dict[str, tuple[int | None, int | None]]:
    """Of each layer of the network the node that shows it, and its place in the text."""
    from striate.nets.outline import list_nodes, match
    from striate.verbs.sketching import place_text

    nodes = sketch(text, input, classes).nodes
    offsets = {node.id: node.at for node in list_nodes(nodes)}
    ways = match(nodes, place_text(text, input, classes))
    return {path: (number, offsets[number]) for path, number in ways.items()}


def _mend(text: str, findings: Sequence[Finding], input: Shape | None, classes: int | None) -> tuple[str | None, str]:
    """The text with these fixes made; or why they can't be."""
    from striate.nets.repair import repair

    repaired = repair(read_text(text), findings, input, classes)
    if repaired.applied and repaired.net.text != text:
        return repaired.net.text, ""
    return None, repaired.left[0][1] if repaired.left else ""


def _make_advice(
    findings: Sequence[Finding],
    places: dict[str, tuple[int | None, int | None]],
    mended: tuple[str | None, str],
) -> Advice:
    first = findings[0]
    node, at = places.get(first.layer, (None, None))
    fix = ", ".join(dict.fromkeys(str(each).partition(": ")[2] for each in first.fix))
    layers = tuple(dict.fromkeys(finding.layer for finding in findings))
    return Advice(first.name, layers, node, at, first.reason, first.figure, first.remedy, fix, *mended)
