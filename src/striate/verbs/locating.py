"""locate: where in a larger picture each class of a run fires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.nets import write_shape
from striate.verbs.runs import Run, load
from striate.verbs.scoring import score_array

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from striate.locate import Locations, Sweep
    from striate.nets.convert import SlidingWindow

STEPS = 8  # to a window, where windows are cut out
MOST_WINDOWS = 2_000_000
Hear = Callable[[int, int], None]


def locate(
    run: Run | str | Path,
    image: Any,
    *,
    scales: Sequence[float] | None = None,
    threshold: float = 0.9,
    overlap: float = 0.3,
    labels: Sequence[str] | None = None,
    dense: bool | None = None,
    on_windows: Hear | None = None,
) -> Locations:
    """Find where in a larger picture each class fires: a run's input as a window, slid over it at several scales.

    `image` is a path, or an array [channels, *extents] (uint8, or floats from 0 to 1). At scale 2 the picture is
    twice as large, so that things of half the window's size fill it; left out, scales from 2 down by sqrt 2, seven at
    most, as far as the window fits. A window counts that isn't empty and gives a class at least `threshold`; places
    that share more than `overlap` of the smaller box count as one. With `dense` the network itself slides
    (`fully_convolutional`), all windows in one pass; without, each window is cut out, eight steps to its length. Left
    out, it slides where that gives the same numbers. A network knows only the classes it was trained on: between
    things, it names one of them too.

    Cost:    one forward pass over each scale, or one per window; `on_windows(done, total)` hears of each batch.
    Raises:  InputError for a picture smaller than the window at every scale, DataError for one that can't be read.
    Source:  Sermanet et al. 2013, arXiv:1312.6229, sec. 3.5.
    """
    from striate.locate import Locations, choose_scales, pick_places, rescale

    run = run if isinstance(run, Run) else load(run)
    _check_shares(threshold=threshold, overlap=overlap)
    name, values = _read_image(run, image)
    window = run.input[1:]
    chosen = tuple(scales) if scales is not None else choose_scales(values.shape[1:], window)
    levels = [(scale, rescale(values, _check_scale(scale))) for scale in chosen]
    fitting = [(scale, level) for scale, level in levels if _fits(level.shape[1:], window)]
    if not fitting:
        found = f"{name}: found {write_shape(values.shape[1:])} at scales up to {max(chosen, default=0):g}"
        raise InputError(f"{found}, needed at least the run's window of {write_shape(window)}. Give a larger scale")
    sliding = _make_sliding(run, dense)
    if sliding is None:
        sweeps = _ask_crops(run, fitting, on_windows)
    else:
        sweeps = [_slide(run, sliding, level, scale) for scale, level in fitting]
    places = pick_places(sweeps, run.classes, threshold, overlap, labels)
    exact, why = (sliding.exact, sliding.why) if sliding else (True, "")
    return Locations(name, values, run.classes, places, tuple(sweeps), exact, why)


def _read_image(run: Run, image: Any) -> tuple[str, NDArray[Any]]:
    """A picture at its own size with the run's channels, and what it is called."""
    import numpy as np

    from striate.data import load_files
    from striate.data.images import read_header

    channels, axes = run.input[0], len(run.input) - 1
    if not isinstance(image, str | Path):
        values = np.asarray(image)
        if values.ndim != 1 + axes or values.shape[0] != channels:
            found, needed = write_shape(values.shape) or "a number", f"{channels} channels x {axes} extents"
            raise DataError(f"image: found {found}, needed {needed}. Give an array [C, *extents]")
        return "image", values
    if axes != 2:
        raise InputError(f"{image}: the run takes {write_shape(run.input)}, which no picture is. Give an array")
    try:
        with Path(image).open("rb") as stream:
            header = read_header(stream)
        extents = (header.height, header.width)
    except Exception:
        extents = (1, 1)  # what is wrong with it is said where files are loaded
    inputs, _, set_aside = load_files([image], extents=extents, channels=channels)
    if set_aside:
        raise DataError(f"{image}: {set_aside[0].reason}, needed a picture. Give another")
    return str(image), inputs[0]


def _make_sliding(run: Run, dense: bool | None) -> SlidingWindow | None:
    """The run's network as one that slides, if it is wanted; None where windows are to be cut out."""
    from striate.nets.convert import fully_convolutional

    if dense is False:
        return None
    try:
        sliding = fully_convolutional(run.module, run.input)
    except InputError:
        if dense:
            raise
        return None
    if dense and run.recipe.mirror:
        found = f"{run.path}: its answers are means over a window and its mirror image"
        raise InputError(f"{found}, which a sliding network can't give. Leave dense out")
    return sliding if dense or (sliding.exact and not run.recipe.mirror) else None


def _ask_crops(run: Run, levels: Sequence[tuple[float, NDArray[Any]]], on_windows: Hear | None) -> list[Sweep]:
    from striate.locate import count_windows, sweep_crops

    window = run.input[1:]
    step = tuple(max(1, size // STEPS) for size in window)
    counts = [count_windows(level.shape[1:], window, step) for _, level in levels]
    if sum(counts) > MOST_WINDOWS:
        raise InputError(f"image: {sum(counts):,} windows, needed at most {MOST_WINDOWS:,}. Give smaller scales")
    sweeps: list[Sweep] = []
    for number, (scale, level) in enumerate(levels):
        before = sum(counts[:number])

        def hear(done: int, before: int = before) -> None:
            if on_windows:
                on_windows(before + done, sum(counts))

        sweeps.append(sweep_crops(lambda crops: score_array(run, crops), level, window, step, scale, hear))
    return sweeps


def _slide(run: Run, sliding: SlidingWindow, level: NDArray[Any], scale: float) -> Sweep:
    """Class probabilities of a network that slides over one scale."""
    import torch

    from striate.locate import sweep_map
    from striate.train.batches import normalise, read_inputs
    from striate.train.inference import eval_mode
    from striate.train.scores import softmax

    batch = normalise(read_inputs(level[None], run.recipe), run.recipe)
    with eval_mode(sliding), torch.inference_mode():
        logits = sliding(batch)[0].float().numpy()
    flat: NDArray[np.float64] = softmax(logits.reshape(len(logits), -1).T)
    return sweep_map(flat.T.reshape(logits.shape), level, run.input[1:], sliding.step, scale)


def _fits(extents: Sequence[int], window: Sequence[int]) -> bool:
    return all(extent >= size for extent, size in zip(extents, window, strict=True))


def _check_scale(scale: float) -> float:
    if not 0 < scale <= 64:
        raise InputError(f"scale is {scale:g}, needed a number above 0 and up to 64, such as 0.5")
    return scale


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 < share <= 1:
            raise InputError(f"{name} is {share:g}, needed a number above 0 and up to 1")
