"""Units of a layer with the places in the data where they fire most, and what they saw there, as one sheet."""

from __future__ import annotations

from math import ceil

from striate.explain.units.unitpatches import UnitPatches
from striate.report.palette import INK, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text
from striate.report.units.patchtiles import measure_tiles, place_tiles

# All in inches.
WIDTH, EDGE, HEAD, GAP, LINE = 8.6, 0.3, 0.85, 0.3, 0.16
INSIDE = WIDTH - 2 * EDGE
ABOVE, BELOW = 0.22, 0.26  # the room above a unit's tiles for its name, and below them


def draw_unit_patches(found: UnitPatches) -> Picture:
    """Draw each unit's patches and, where made, beside them its projections, some units in a row."""
    across = choose_columns(found)
    room = (INSIDE - (across - 1) * GAP) / across
    with styled():
        notes = [line for note in write_notes(found) for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
        deep = ABOVE + max(measure_tiles(patches, room) for patches in found.patches) + BELOW
        foot = EDGE + LINE * len(notes)
        picture = Picture(WIDTH, HEAD + ceil(len(found.units) / across) * deep + foot)
        title = f"Where units of {found.layer} fire most"
        picture.write(EDGE, 0.2, shorten_text(title, INSIDE, LARGE), LARGE, color=INK)
        about = f"{found.name}, {found.searched} sample{'s' * (found.searched != 1)} searched"
        picture.write(EDGE, 0.52, shorten_text(about, INSIDE, PLAIN), PLAIN, color=QUIET)
        for number, (unit, patches) in enumerate(zip(found.units, found.patches, strict=True)):
            left, top = EDGE + (number % across) * (room + GAP), HEAD + (number // across) * deep
            text = f"unit {unit}: {write_strength(patches.strength)}"
            picture.write(left, top, shorten_text(text, room, PLAIN), PLAIN, color=INK)
            place_tiles(picture, left, top + ABOVE, room, patches, found.mean, found.std)
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + 0.1 + number * LINE, line, SMALL, color=QUIET)
    return picture


def choose_columns(found: UnitPatches) -> int:
    """How many units stand side by side."""
    most = 1 if found.patches[0].inputs.ndim == 3 else 2
    return min(most if is_projected(found) else 2 * most, max(len(found.units), 1 if is_projected(found) else 2))


def is_projected(found: UnitPatches) -> bool:
    """Whether there is a projection beside each patch."""
    return all(patches.projections is not None for patches in found.patches)


def write_strength(strength: tuple[float, ...]) -> str:
    """How strongly a unit fires in its patches, from the first to the last.

    >>> write_strength((3.214, 0.5)), write_strength((0.0, -1.0)), write_strength((2.0,))
    ('fires by 3.21 to 0.5', 'silent in every sample', 'fires by 2')
    """
    first, last = (f"{value:.3g}".replace("-", "−") for value in (strength[0], strength[-1]))
    if strength[0] <= 0:
        return "silent in every sample"
    return f"fires by {first}" if first == last else f"fires by {first} to {last}"


def write_notes(found: UnitPatches) -> list[str]:
    """How to read the picture."""
    axes = found.patches[0].inputs.ndim - 2
    size = " x ".join(map(str, found.patches[0].inputs.shape[2:]))
    which = "Left" if is_projected(found) else "Each"
    notes = [
        f"{which}: the {size} cells that a unit sees around where it fires most in a sample, the strongest first, one "
        "for a sample; what lies beyond the input is 0."
    ]
    if is_projected(found):
        zero = "the rule" if axes == 1 else "grey"
        notes.append(
            "Right: its answer projected back through the network (deconvnet), each by a scale of its own; "
            f"{zero} is 0."
        )
    if axes > 2:
        notes.append("Shown are the middle slices.")
    channels = found.patches[0].inputs.shape[1]
    if channels > 3 or (channels == 2 and axes > 1):
        notes.append(f"Shown is the mean of {channels} channels.")
    return [*notes, *found.notes]
