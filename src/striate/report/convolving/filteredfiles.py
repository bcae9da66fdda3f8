"""The filtered input itself as a file: a picture at its own size, or a sound to be listened to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

from striate.errors import InputError
from striate.explain.convolving.filters import Filtered
from striate.explain.convolving.sums import Summed
from striate.report.convolving.filters import choose_tones
from striate.train.atomic import replacing


def check_filtered_place(path: str | Path) -> Path:
    """Check that a result can be written there, before any work is done.

    Raises:  InputError for a suffix other than .png and .wav, a folder that is not there, and a file that is.
    """
    target = Path(path)
    if target.suffix.lower() not in (".png", ".wav"):
        raise InputError(f"{target}: needed a name that ends in .png for a picture, .wav for a sound. Name it so")
    if not target.parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.parent}. Make it, or choose another place")
    if target.exists():
        raise InputError(f"{target}: is there already. Choose another name")
    return target


def save_filtered(found: Filtered | Summed, path: str | Path) -> tuple[Path, str]:
    """Write what one kernel made of a picture (png) or a sound (wav, 16 bits); give the path, and the scale in words.

    Values beyond a picture's scale are cut off; a sound that is too loud is made softer as a whole.

    Raises:  InputError as `check_filtered_place` does, for several kernels, and for a trained layer's units.
    """
    target = check_filtered_place(path)
    if not isinstance(found, Filtered) or len(found.applied) != 1:
        raise InputError(f"{target}: found several results, needed one. Name one kernel to save what it makes")
    after = found.applied[0].after.double().numpy()
    if (after.ndim == 2) != (target.suffix.lower() == ".wav"):
        needed = ".wav, as it is a sound" if after.ndim == 2 else ".png, as it is a picture"
        raise InputError(f"{target}: needed a name that ends in {needed}. Name it so")
    if after.ndim == 2:
        return target, _write_sound(target, after, found.rate)
    if after.ndim != 3 or len(after) not in (1, 3):
        raise InputError(f"{target}: found an array that is no picture of 1 or 3 channels. Draw it instead, by --out")
    tone, _ = choose_tones(found, found.applied[0])
    pixels = tone.to_bytes(np.moveaxis(after, 0, -1) if len(after) == 3 else after[0])
    with replacing(target) as draft:
        Image.fromarray(pixels).save(draft, format="PNG")
    return target, f"black to white: {tone.said}"


def _write_sound(target: Path, samples: NDArray[np.float64], rate: int | None) -> str:
    if rate is None:
        raise InputError(f"{target}: found a series without a rate, needed one to make it a sound. Give its rate")
    loudest = float(np.abs(samples).max(initial=0))
    factor = 1 / loudest if loudest > 1 else 1.0
    with replacing(target) as draft:
        about: dict[str, Any] = {"subtype": "PCM_16", "format": "WAV"}
        soundfile.write(str(draft), (samples * factor).T, rate, **about)
    return f"made softer, {factor:.3g} times, so that it fits" if loudest > 1 else "as loud as it came out"
