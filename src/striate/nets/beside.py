"""What travels beside the main value, as shapes: the taps' sum, the inputs of pools to be undone, the side heads."""

from __future__ import annotations

from dataclasses import replace

from striate.errors import ShapeError
from striate.nets.expansion import Branches
from striate.nets.words.word import Plain, Shape, write_shape


class Beside:
    """Followed along one walk through a network, in the order in which its layers run."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.taps: Shape | None = None
        self.last_tap: Branches | None = None
        self.pools: list[tuple[Shape, Shape]] = []
        self.sides: list[tuple[Branches, Shape]] = []

    def give(self, layer: Plain, shape: Shape) -> Plain:
        """A layer with what reaches it beside the main shape.

        Raises:  ShapeError where nothing does, or it doesn't fit.
        """
        if layer.word == "taps":
            if self.taps is None:
                raise ShapeError("found no `tap[...]` before it since the last `taps`, needed one. Add it")
            found, self.taps, self.last_tap = self.taps, None, None
            return replace(layer, beside=found)
        if layer.word == "unpool":
            before, after = self.pools.pop()
            if shape != after:
                raise ShapeError(
                    f"the maxpool that it undoes gave {write_shape(after)}, needed the same here. "
                    "Match channels and extents"
                )
            return replace(layer, beside=before)
        return layer

    def note_pool(self, layer: Plain, before: Shape, after: Shape) -> None:
        """Note a pool that is undone later."""
        if layer.undone:
            self.pools.append((before, after))

    def note_side(self, item: Branches, shape: Shape) -> None:
        """Note what a side bracket's branch gives.

        Raises:  ShapeError where the taps differ.
        """
        if item.word == "aux":
            self.sides.append((item, shape))
            return
        if self.taps is not None and self.taps != shape:
            found = f"this tap gives {write_shape(shape)}, those before it {write_shape(self.taps)}"
            raise ShapeError(f"{found}, needed equal shapes to add. Match their channels and strides")
        self.taps, self.last_tap = shape, item

    def find_loose_end(self, output: Shape) -> tuple[Branches, str] | None:
        """What is wrong at the network's end, and where: taps that nothing yields, a side head of another shape."""
        if self.last_tap is not None:
            return self.last_tap, "found a `tap[...]` whose sum nothing yields, needed `taps` behind it. Add it"
        for item, shape in self.sides:
            if shape != output:
                found = f"this side head gives {write_shape(shape)}, the network {write_shape(output)}"
                return item, f"{found}, needed equal shapes. End it as the network ends"
        return None
