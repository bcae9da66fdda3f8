"""The smallest input that a network takes, found by placing it on ever larger ones; integers alone."""

from __future__ import annotations

from striate.errors import ShapeError
from striate.nets.shapes import place
from striate.nets.tree import Net
from striate.nets.words.word import Shape

MOST_TRIED = 2048  # a second or so


def find_smallest_input(
    net: Net, classes: int | None = None, axes: int | None = None, *, input: Shape | None = None, least: int = 1
) -> Shape | None:
    """Find the smallest equal extents, from `least` on, at which every layer gets a shape that it can take.

    An axis is never longer than the same axis of the text's own input (or of `input`); with another number of `axes`,
    than its longest. None where nothing up to there fits, as where a text speaks of so many axes itself.

    Cost:    one placement for each extent that is tried, of which there are 2,048 at most.
    Raises:  NotationError for what is wrong with the text whatever the extents, a missing input or number of classes.

    >>> from striate.nets.lookup import find_net
    >>> find_smallest_input(find_net("vgg11"), classes=1000), find_smallest_input(find_net("vgg11"), 1000, axes=1)
    ((3, 32, 32), (3, 32))
    """
    largest = input or net.input
    if largest is None:
        place(net, None, classes)  # says so
        return None
    channels, *extents = largest
    if axes is not None and axes != len(extents):
        extents = [max(extents, default=1)] * axes
    for cells in range(least, min(max(least, *extents) + 1, least + MOST_TRIED)):
        shape = (channels, *(min(cells, extent) for extent in extents))
        try:
            place(net, shape, classes)
        except ShapeError:
            continue
        return shape
    return None
