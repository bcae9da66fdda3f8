"""The verbs of the Write view: a text sketched, measured, completed, changed, advised on.

What is wrong with a text that is being typed is part of an answer, not a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from striate.errors import InputError
from striate.studio.routes.route import Body, quote, read_shape, read_text, read_whole, say_problem
from striate.studio.session import Session
from striate.studio.tickets import Ticket

MOST_TRACED = 4_000  # layers; a trace of more takes minutes
MOST_CLASSES = 1_000_000


def sketch(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Give a text's layers, shapes and counts, or what is wrong with it."""
    from striate.verbs.changing import find_input
    from striate.verbs.sketching import sketch as draw

    text, shape, classes = _read_network(body)
    found = draw(text, shape, classes, folds=body.get("folds") is not False)
    return {**vars(found), "given": shape or find_input(text)}


def measure(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Trace a text's network: a row for each node of its sketch, the totals, and where the two differ."""
    from striate.verbs.sketching import measure_sketch
    from striate.verbs.sketching import sketch as draw

    text, shape, classes = _read_network(body)
    folds = body.get("folds") is not False
    if (layers := draw(text, shape, classes, folds=folds).layers) > MOST_TRACED:
        return {"problem": f"{layers:,} layers are traced on the command line alone: striate measure"}
    batch = read_whole(body, "batch", 1, 65_536) or 1
    try:
        return measure_sketch(text, shape, classes, batch, folds=folds, check=ticket.check)
    except InputError as error:
        return {"problem": say_problem(error)}


def advise(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Advise on a text's network; each advice holds the text as its fix would leave it."""
    from striate.verbs.mending import advise_text
    from striate.verbs.sketching import sketch as draw

    text, shape, classes = _read_network(body)
    if draw(text, shape, classes).layers > MOST_TRACED:
        return {"advice": []}
    try:
        return {"advice": advise_text(text, shape, classes)}
    except InputError as error:
        return {"advice": [], "problem": say_problem(error)}


def complete(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Suggest what may stand at a place of a text."""
    from striate.verbs.completing import complete as suggest

    text = read_text(body, "text")
    found = suggest(text, read_whole(body, "offset", 0, len(text)) or 0)
    return vars(found)


def vocabulary(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Give the words that the editor colours, and the names of the zoo."""
    from striate.verbs.completing import list_vocabulary

    return list_vocabulary()


def network(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Give the text of a network of the zoo."""
    from striate.nets.lookup import find_net, list_zoo

    name = read_text(body, "name", 100)
    if name not in list_zoo():
        raise InputError(f"{quote(name)}: found no such network of the zoo. Choose one of the list")
    return {"text": find_net(name).text}


def controls(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Give what can be set of the layer that begins at a place of the text."""
    from striate.verbs.changing import list_controls

    try:
        return {"controls": list_controls(*_read_place(body))}
    except InputError:
        return {"controls": []}


def change(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Set one part or option of a layer in the text; what can't be is said."""
    from striate.verbs.changing import change as set_part

    text, at = _read_place(body)
    try:
        return {"text": set_part(text, at, read_text(body, "option", 40), read_text(body, "value", 100))}
    except InputError as error:
        return {"problem": say_problem(error)}


def reshape(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Write another input into the text: a shape, or as many axes as are asked for."""
    from striate.verbs.changing import find_input, set_input, switch_axes

    text = read_text(body, "text")
    shape = read_shape(body, "input", 17) or find_input(text) or (3, 32, 32)
    axes = read_whole(body, "axes", 1, 16)
    return {"text": set_input(text, switch_axes(shape, axes) if axes else shape)}


def _read_network(body: Body) -> tuple[str, tuple[int, ...] | None, int | None]:
    classes = read_whole(body, "classes", 1, MOST_CLASSES)
    return read_text(body, "text"), read_shape(body, "input", 17), classes


def _read_place(body: Body) -> tuple[str, int]:
    text = read_text(body, "text")
    return text, read_whole(body, "at", 0, len(text)) or 0


def code(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Write a text's network as PyTorch code."""
    from striate.verbs.coding import write_code

    try:
        return {"code": write_code(*_read_network(body))}
    except InputError as error:
        return {"problem": say_problem(error)}


def contrast(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Lay two versions of a text side by side."""
    from striate.verbs.contrasting import contrast as lay_beside

    text, shape, classes = _read_network(body)
    return vars(lay_beside(read_text(body, "before"), text, shape, classes))
