"""locate: where in a larger picture each class of a run fires."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.nets import write_shape
from striate.verbs.runs import Run, load
from striate.verbs.scoring import Hear, read_values
from striate.verbs.sweeping import count_positions, make_sliding, sweep_scales

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from striate.locate import Locations
    from striate.nets.convert import SlidingWindow

MOST_SCALE = 64
MOST_CROPS = 2_000_000
MOST_ANSWERS = 2**27  # of all windows, one for each class: half a gigabyte
MOST_VALUES = 2**28  # of an input at one scale: a gigabyte while it is resized


def locate(
    run: Run | str | Path,
    image: Any,
    *,
    scales: Sequence[float] | None = None,
    threshold: float | None = None,
    overlap: float = 0.3,
    labels: Sequence[str] | None = None,
    background: Sequence[str] = (),
    dense: bool | None = None,
    on_windows: Hear | None = None,
) -> Locations:
    """Find where in a larger picture each class fires: a run's input as a window, slid over it at several scales.

    `image` is a path, or an array [channels, *extents] (uint8, or floats from 0 to 1). At scale 2 the picture is
    twice as large, so that things of half the window's size fill it; left out, scales from 2 down by sqrt 2, seven at
    most, as far as the window fits (without the largest for a huge picture). A window counts that isn't empty and
    gives a class at least `threshold`; places that share more than `overlap` of the smaller box count as one. `labels`
    are the classes to tell of, all if left out. With `dense` the network itself slides (`fully_convolutional`), all
    windows in one pass; without, each window is cut out, eight steps to its length. Left out, it slides where that
    gives the same numbers.

    A network knows only the classes it was trained on: between things, it names one of them too. A class of what is
    nothing, trained on scraps, cures that: named as `background`, it takes no place. The threshold is then 0.5 if left
    out, else 0.9.

    Cost:    one forward pass over each scale, or one per window; `on_windows(done, total)` hears of each batch.
    Raises:  InputError for a picture that no scale makes as large as the window, for too many windows, and for a
             network that can't slide where that is asked; DataError for a picture that can't be read.
    Source:  Sermanet et al. 2013, arXiv:1312.6229, sec. 3.5.
    """
    from striate.locate import Locations, pick_places

    run = run if isinstance(run, Run) else load(run)
    if run.task.name != "classify":
        raise InputError(f"locate: found a run for {run.task.name}, needed one that tells classes apart. Train one")
    _check_kind(run)
    least = threshold if threshold is not None else 0.5 if background else 0.9
    _check_shares(least, overlap)
    _check_classes(run, labels=labels, background=background)
    name, values = _read_image(run, image)
    fitting = _choose_scales(run, name, values, scales)
    sliding = make_sliding(run, dense)
    chosen = _limit_scales(run, name, values, fitting, sliding, asked=scales is not None)
    sweeps = sweep_scales(run, values, chosen, sliding, on_windows)
    places = pick_places(sweeps, run.classes, least, overlap, labels, background)
    exact, why = (sliding.exact, sliding.why) if sliding else (True, "")
    return Locations(name, values, run.classes, places, tuple(sweeps), exact, why)


def _check_kind(run: Run) -> None:
    """Refuse runs whose inputs aren't parts of something larger of any scale."""
    kind = (run.reading or {}).get("kind")
    if kind == "series":
        wayout = "evaluate tells every window of a table"
    elif kind == "words":
        wayout = "explain tells which words count"
    else:
        return
    raise InputError(f"locate: found a run of {kind}, needed one of pictures, sound, clips or arrays; {wayout}")


def _read_image(run: Run, image: Any) -> tuple[str, NDArray[Any]]:
    """A picture at its own size with the run's channels, and what it is called."""
    import numpy as np

    from striate.data.store import shown

    channels, axes = run.input[0], len(run.input) - 1
    if isinstance(image, str | Path):
        if (run.reading or {}).get("kind") == "sound":
            raise InputError(f"{image}: the run takes sound. `striate predict {run.path} FILE --timeline` does this")
        if axes != 2 or channels not in (1, 3):
            raise InputError(f"{image}: the run takes {write_shape(run.input)}, which no picture is. Give an array")
        return shown(str(image)), _decode_file(image, channels)
    values = np.asarray(image)
    if values.ndim != 1 + axes or values.shape[0] != channels or not values.size:
        needed = f"{channels} {'channel' if channels == 1 else 'channels'} x {axes} extents"
        raise DataError(f"image: found {write_shape(values.shape) or 'a number'}, needed {needed}. Give such an array")
    return "image", read_values(values, "image")


def _decode_file(path: str | Path, channels: int) -> NDArray[Any]:
    """A picture file's pixels, as the training read them, at the size that the picture has."""
    from striate.data.picture import read_picture

    return read_picture(path, channels).pixels


def _choose_scales(run: Run, name: str, values: NDArray[Any], scales: Sequence[float] | None) -> tuple[float, ...]:
    """The scales asked for, or fitting ones, at which the window fits into the picture."""
    from striate.locate import choose_scales, scale_extents

    window, extents = run.input[1:], values.shape[1:]
    asked = choose_scales(extents, window) if scales is None else tuple(scales)
    for scale in asked if scales is not None else ():
        if not 0 < scale <= MOST_SCALE:
            raise InputError(f"scale is {scale:g}, needed a number above 0 and up to {MOST_SCALE}, such as 0.5")
    if not asked:
        raise InputError("scales: found none, needed at least one. Leave them out to have them chosen")
    fitting = [scale for scale in sorted(set(asked)) if _fits(scale_extents(extents, scale), window)]
    if not fitting or fitting[0] > MOST_SCALE:
        at = f" at scales up to {max(asked):g}" if scales is not None else ""
        least = ceil(100 * max(size / extent for size, extent in zip(window, extents, strict=True))) / 100
        wayout = f"Give a scale of at least {least:g}" if least <= MOST_SCALE else "Give a larger picture"
        found = f"{name}: found {write_shape(extents)}{at}"
        raise InputError(f"{found}, needed at least the run's window of {write_shape(window)}. {wayout}")
    return tuple(fitting)


def _fits(extents: Sequence[int], window: Sequence[int]) -> bool:
    return all(extent >= size for extent, size in zip(extents, window, strict=True))


def _limit_scales(
    run: Run, name: str, values: NDArray[Any], scales: tuple[float, ...], sliding: SlidingWindow | None, *, asked: bool
) -> tuple[float, ...]:
    """The scales up to what time and memory allow; where they were asked for and are too large, an error."""
    from striate.locate import scale_extents

    most, total = MOST_ANSWERS // len(run.classes), 0
    most = most if sliding else min(most, MOST_CROPS)
    for number, scale in enumerate(scales):
        extents = scale_extents(values.shape[1:], scale)
        total += count_positions(run, extents, sliding)
        if total <= most and prod(extents) * len(values) <= MOST_VALUES:
            continue
        if number and not asked:
            return scales[:number]
        found = f"{name}: found {write_shape(extents)} at scale {scale:.2g}, and {total:,} windows up to it"
        wayout = f"Leave out scales from {scale:.2g}" if number else "Give a smaller scale, or a part of the picture"
        raise InputError(f"{found}, needed at most {most:,} windows and {MOST_VALUES:,} values. {wayout}")
    return scales


def _check_classes(run: Run, **lists: Sequence[str] | None) -> None:
    for name, classes in lists.items():
        if isinstance(classes, str):
            raise InputError(f"{name}: found the text {classes!r}, needed a list of classes. Write [{classes!r}]")
        for label in classes or ():
            if label not in run.classes:
                known = ", ".join(run.classes[:12]) + (", ..." if len(run.classes) > 12 else "")
                raise InputError(f"{run.path}: found no class `{label}`, needed one of {known}. Change it")


def _check_shares(threshold: float, overlap: float) -> None:
    if not 0 < threshold <= 1:
        raise InputError(f"threshold is {threshold:g}, needed a number above 0 and up to 1, such as 0.9")
    if not 0 <= overlap < 1:
        raise InputError(f"overlap is {overlap:g}, needed a number from 0 and below 1, such as 0.3")
