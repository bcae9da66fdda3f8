"""One input and its heat as plain numbers for a page that paints them itself, and lays one over the other as it likes.

What is drawn is what a report draws: the same pixels of the input, the same scale of the heat, the same colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from striate.explain.heat import Heat
from striate.report.heats.exposures import LANES, Floats, find_peak, name_answer, read_input, scale_heat
from striate.report.heats.overlays import LUMINANCE
from striate.report.heats.ramps import STEPS, colour_heat
from striate.report.heats.sounds import encode_wav, level_sound, open_gate
from striate.report.heats.spectra import Spectrogram, compute_spectrogram, resample_heat

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Pane:
    """One input and its heat, as what is drawn of it.

    - "plane": `ground` [frames, H, W, 1 or 3], bytes, `grey` [frames, H, W]; more than three axes are unfolded into
      frames, one for each place along the first ones.
    - "curve": `ground` [lanes, length] from -1 to 1, with `rate` (a sound) also the `spectrogram`, whose moments have
      their heat in `moments`.
    - "words": `words` and no ground.

    `form` is one of those. `scaled` [frames, H, W] or [length] is the heat from 0 to 1, from -1 to 1 where `signed`;
    `values` its own numbers, of which `low` and `high` are those at the ends of the scale.
    """

    form: Literal["plane", "curve", "words"]
    values: Floats
    scaled: Floats
    low: float
    high: float
    signed: bool
    peak: tuple[int, ...]
    answer: str
    ground: NDArray[Any] | None = None
    grey: Floats | None = None
    words: tuple[str, ...] = ()
    rate: int | None = None
    spectrogram: Spectrogram | None = None
    moments: Floats | None = None
    notes: tuple[str, ...] = ()

    @property
    def sounds(self) -> tuple[str, str] | None:
        """Of a sound the whole, and only what mattered, as data URIs."""
        if self.rate is None or self.ground is None:
            return None
        sound = level_sound(self.ground)
        return encode_wav(sound, self.rate), encode_wav(sound * open_gate(self.scaled, self.rate), self.rate)


def make_pane(heat: Heat, index: int = 0) -> Pane:
    """Make one input of a heat ready to be painted."""
    values = np.nan_to_num(np.atleast_1d(heat.values[index].double().numpy()), posinf=0, neginf=0)
    if heat.words:
        values = values.reshape(-1)[: len(heat.words[index])]
    shown, notes = read_input(heat, index, heat.values[index].shape)
    scaled, low, high = scale_heat(values, signed=heat.signed)
    notes += ["every cell is equally hot"] * (high == low)
    about: dict[str, Any] = {"low": low, "high": high, "signed": heat.signed, "answer": name_answer(heat, index)}
    if heat.words:
        return Pane("words", values, scaled, peak=find_peak(heat, index), words=heat.words[index], notes=(), **about)
    about |= {"peak": find_peak(heat, index), "notes": tuple(f"{note[0].upper()}{note[1:]}." for note in notes)}
    return _make_curve(heat, shown, values, scaled, about) if values.ndim == 1 else _lay(shown, values, scaled, about)


def _make_curve(heat: Heat, shown: Floats, values: Floats, scaled: Floats, about: dict[str, Any]) -> Pane:
    """A curve for each channel; more than four are shown by their mean."""
    lanes = shown if len(shown) <= LANES else shown.mean(axis=0, keepdims=True)
    heard = compute_spectrogram(lanes.mean(axis=0), heat.rate) if heat.rate else None
    moments = None if heard is None else resample_heat(scaled, heard.levels.shape[1])
    more: dict[str, Any] = {"ground": lanes, "rate": heat.rate, "spectrogram": heard, "moments": moments}
    return Pane("curve", values, scaled, **more, **_say_mean(len(shown), LANES, about))


def _lay(shown: Floats, values: Floats, scaled: Floats, about: dict[str, Any]) -> Pane:
    """Planes: of one channel grey, of three in colour, else the mean; leading axes as frames."""
    colours = shown if len(shown) == 3 else shown.mean(axis=0, keepdims=True)
    laid = np.moveaxis(colours.reshape(len(colours), -1, *shown.shape[-2:]), 0, -1)
    grey = laid @ LUMINANCE if len(colours) == 3 else laid[..., 0]
    frames, extents = laid.shape[0], values.shape[-2:]
    ground: Bytes = np.rint(255 * np.clip(laid, 0, 1)).astype(np.uint8)
    heats = values.reshape(frames, *extents), scaled.reshape(frames, *extents)
    most = 3 if len(shown) == 3 else 1
    return Pane("plane", *heats, ground=ground, grey=grey, **_say_mean(len(shown), most, about))


def _say_mean(channels: int, most: int, about: dict[str, Any]) -> dict[str, Any]:
    """Say where channels are shown by their mean."""
    notes = about["notes"] + (f"Shown is the mean of {channels} channels.",) * (channels > most)
    return {**about, "notes": notes}


def list_colours() -> dict[str, list[list[float]]]:
    """The colours of heat with their opacity, [steps, 4] from 0 to 1: without a sign, and with one."""
    unsigned = colour_heat(np.linspace(0, 1, STEPS), signed=False)
    signed = colour_heat(np.linspace(-1, 1, 2 * STEPS + 1), signed=True)
    return {"unsigned": unsigned.round(4).tolist(), "signed": signed.round(4).tolist()}
