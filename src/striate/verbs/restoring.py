"""restore: each file as a run makes it anew, at the file's own size and length; written as files of the same kind.

A picture larger than those of the training goes through the network whole where it takes it; else, as a longer sound
does, in overlapping windows. Each window of a sound is levelled as the recordings of the training were, and takes its
own level again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError, RunError, ShapeError
from striate.verbs.answering import Choice
from striate.verbs.gliding import glide, pad_to
from striate.verbs.runs import Run, load
from striate.verbs.scoring import Hear, list_pictures, score_array
from striate.verbs.writing import name_targets, new_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STEP = 64  # a network that halves six times at most takes what differs from its own size by multiples of this
MOST_WHOLE = 2**23  # cells that go through a network at once
ENDINGS = {"images": ".png", "sound": ".wav"}


@dataclass(frozen=True, eq=False)
class Restored:
    """A restored file: its values, [channels, *extents], of full scale 1; `rate` is a sound's, in samples per second.

    `path` is where it was written, if it was.
    """

    name: str
    values: Floats = field(repr=False)
    rate: int | None = None
    path: Path | None = None


def restore(
    run: Run | str | Path,
    files: str | Path | Sequence[str | Path],
    *,
    out: str | Path | None = None,
    engine: str = "torch",
    on_score: Hear | None = None,
) -> tuple[Restored, ...]:
    """Restore each file, or those in a folder, at its own size; with `out`, write them there too.

    A picture is written as png, a sound as wav at the run's rate, an array or a clip as npy, under the file's name. No
    file that is there is overwritten. `on_score(done, total)` hears of each file.

    Raises:  DataError for a file that can't be read; InputError for a run of another task, and for a name that is taken
             in `out`, before any work.
    """
    run = run if isinstance(run, Run) else load(run)
    check_run(run)
    paths = list_pictures([files] if isinstance(files, str | Path) else files, run.reading)
    targets = None if out is None else choose_targets(run, paths, Path(out))
    found = []
    for number, path in enumerate(paths):
        found.append(restore_file(run, path, None if targets is None else targets[number], Choice(engine)))
        if on_score:
            on_score(number + 1, len(paths))
    return tuple(found)


def check_run(run: Run) -> None:
    """Refuse a run that doesn't restore. Raises: InputError."""
    if run.task.name != "restore":
        raise InputError(f"{run.path}: found a run for {run.task.name}, needed one for restore. Train with --corrupt")


def choose_targets(run: Run, paths: Sequence[Path], out: Path) -> list[Path]:
    """Where each restored file is written. Raises: InputError for a name that is taken."""
    return name_targets(paths, out, ENDINGS.get(_kind(run), ".npy"))


def restore_file(run: Run, path: Path, target: Path | None = None, choice: Choice | None = None) -> Restored:
    """Restore one file, and write it where a target is named. Raises: DataError where it can't be read."""
    values = _read(run, path)
    ask = _Asking(run, choice or Choice("torch"))
    restored = ask.hear(values) if run.rate is not None else ask.see(values)
    if target is not None:
        with new_file(target) as file:
            _write(restored, run.rate, target.suffix, file)
    return Restored(str(path), restored, run.rate, target)


def _kind(run: Run) -> str:
    return str((run.reading or {}).get("kind", "images"))


def _read(run: Run, path: Path) -> Floats:
    """A file's values, [channels, *its own extents], of full scale 1; a clip or an array at the network's size."""
    kind = _kind(run)
    if kind == "sound":
        return _read_sound(run, path)
    if kind != "images":
        return _read_fitted(run, path)
    return _read_picture(run, path)


def _read_sound(run: Run, path: Path) -> Floats:
    from striate.data.recording import listen
    from striate.data.sound import read_sound

    values, rate = read_sound(path)
    assert run.rate is not None
    try:
        return listen(values, rate, run.rate, run.input[0])
    except ValueError as problem:
        raise DataError(f"{path}: found {problem}, needed a longer sound. Leave it out") from None


def _read_picture(run: Run, path: Path) -> Floats:
    import numpy as np

    from striate.data.folder import open_regular
    from striate.data.images import decode_image, explain_failure, open_image, read_header

    try:
        with open_regular(path) as stream:
            header = read_header(stream)
            open_image(stream)
            stream.seek(0)
            pixels, _ = decode_image(stream.read(), (header.height, header.width), run.input[0])
    except Exception as error:  # decoders raise almost anything on damaged files
        raise DataError(f"{path}: {explain_failure(error)}, needed a picture. Leave it out") from None
    return pixels.astype(np.float32) / np.float32(255)


def _read_fitted(run: Run, path: Path) -> Floats:
    import torch

    from striate.data.files import load_files, name_sample
    from striate.train.scale import to_full_scale

    values, _, aside = load_files([path], extents=run.input[1:], channels=run.input[0], reading=run.reading)
    if aside:
        raise DataError(f"{aside[0].name}: {aside[0].reason}, needed {name_sample(run.reading)}. Leave it out")
    full: Floats = to_full_scale(torch.from_numpy(values[0].copy())).numpy()
    return full


@dataclass(frozen=True)
class _Asking:
    """What a run makes of values of any extents."""

    run: Run
    choice: Choice

    def see(self, values: Floats) -> Floats:
        """A picture: whole, where the network takes it."""
        if values.shape == self.run.input:
            restored: Floats = self._answer(values[None])[0]
            return restored
        whole = self._try_whole(values)
        return glide(self._answer, values, self.run.input[1:]) if whole is None else whole

    def hear(self, values: Floats) -> Floats:
        """A sound: in windows."""
        import numpy as np

        def ask(windows: Floats) -> Floats:
            from striate.data.recording import PEAK, SILENCE

            peaks = np.abs(windows).max((1, 2), keepdims=True)
            gains = np.where(peaks > SILENCE, PEAK / np.maximum(peaks, SILENCE), 1).astype(np.float32)
            return self._answer(windows * gains) / gains

        length, most = values.shape[1], self.run.input[1]
        padded = np.pad(values, ((0, 0), (0, max(0, most - length))))  # silence, as in training
        return glide(ask, padded, (most,))[:, :length]

    def _answer(self, values: Floats) -> Floats:
        found: Floats = score_array(self.run, values, None, self.choice).astype("float32")
        return found

    def _try_whole(self, values: Floats) -> Floats | None:
        """The answer to a picture of another size; None where the network, or memory, doesn't take it."""
        from striate.train import compute_logits

        own = self.run.input[1:]
        extents = tuple(has + -(has - needed) % STEP for has, needed in zip(values.shape[1:], own, strict=True))
        if prod(extents) > MOST_WHOLE:
            return None
        padded = pad_to(values, tuple(max(pair) for pair in zip(extents, own, strict=True)))
        try:
            outputs = compute_logits(
                self.run.module, padded[None], self.run.recipe, self.run.engine, task=self.run.task
            )
        except (ShapeError, RunError, RuntimeError):
            return None
        if outputs.shape[1:] != padded.shape:
            return None
        answer: Floats = self.run.task.answer(outputs, self.run.recipe)[0].astype("float32")
        return answer[(slice(None), *(slice(0, has) for has in values.shape[1:]))]


def _write(values: Floats, rate: int | None, ending: str, file: Any) -> None:
    import numpy as np

    if ending == ".wav":
        from soundfile import write

        loudest = float(np.abs(values).max(initial=0.0))
        write(file, (values / max(1.0, loudest)).T, rate, format="WAV", subtype="PCM_16")
        return
    if ending == ".npy":
        np.save(file, values, allow_pickle=False)
        return
    from PIL import Image

    pixels = np.clip(np.rint(255 * values), 0, 255).astype(np.uint8)
    Image.fromarray(pixels[0] if len(pixels) == 1 else np.moveaxis(pixels, 0, -1)).save(file, "PNG")


def iterate_restored(
    run: Run, paths: Sequence[Path], targets: Sequence[Path], choice: Choice
) -> Iterator[Restored | str]:
    """One restored file after another, or in its place what is wrong with it."""
    for path, target in zip(paths, targets, strict=True):
        try:
            yield restore_file(run, path, target, choice)
        except DataError as problem:
            yield str(problem)
