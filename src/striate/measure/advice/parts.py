"""How a fix spells padding, as the notation does: one value for all axes where they agree, else one for each."""

from __future__ import annotations

from collections.abc import Sequence

from striate.arithmetic import Pair


def write_pads(pads: Sequence[Pair], same: Sequence[Pair]) -> str | None:
    """Write the cells before and after each axis; the word `same` where that is what they are.

    None where the notation can't say it, as cells would be added where `pad` cuts, or the other way round.

    >>> write_pads([(1, 2), (1, 2)], [(1, 1), (1, 1)]), write_pads([(1, 1), (0, 2)], [(1, 1), (1, 1)])
    ('1:2', '1x0:2')
    >>> write_pads([(0, -1)], [(0, -1)]), write_pads([(0, -1)], [(1, 1)])
    ('same', None)
    """
    if list(pads) == list(same):
        return "same"
    if min(map(min, pads)) < 0:
        return None
    listed = [str(before) if before == after else f"{before}:{after}" for before, after in pads]
    return listed[0] if len(set(listed)) == 1 else "x".join(listed)
