"""Which parameters a value is: views, copies and casts of a parameter count as the parameter."""

from __future__ import annotations

from striate.measure.operation import Value

COPIES = frozenset({"_to_copy", "clone", "copy", "contiguous", "to"})


def find_owners(value: Value) -> tuple[Value, ...]:
    """The parameters that a value is made of without arithmetic; empty if it holds data.

    >>> from torch import nn
    >>> from striate.measure.trace import trace
    >>> made = trace(nn.Linear(3, 2), (3,))
    >>> [owner.name for value in made.operations[-1].inputs for owner in find_owners(value)]
    ['bias', 'weight']
    """
    if value.maker is None:
        return (value,) if value.origin == "parameter" else ()
    if not (value.maker.is_view or value.maker.name in COPIES):
        return ()
    found = tuple(find_owners(source) for source in value.maker.inputs)
    return tuple(owner for owners in found for owner in owners) if all(found) else ()
