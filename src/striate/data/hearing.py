"""How recordings are read for a network: at which rate, how much of each, in which form; from their headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from striate.data.mel import choose_mels
from striate.data.pool import Request
from striate.data.sound import Header
from striate.errors import DataError

VIEWS = ("waveform", "spectrogram")
LEVELS = "levels"  # the waveform in 256 levels, for the task that continues it
RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 11_025, 8_000)
MOST_CELLS = 80_000  # of one channel: 10 s at 8,000 a second, 5 s at 16,000
MOST_SECONDS, LEAST_SECONDS = 10.0, 0.01
PERCENTILE = 95  # of the recordings are kept whole
WINDOW_SECONDS, HOP_SECONDS = 0.025, 0.01


@dataclass(frozen=True)
class Hearing:
    """A rate in samples per second, a length in samples, and a view; `mels`, `window` and `hop` of a spectrogram."""

    rate: int
    length: int
    view: str = "waveform"
    mels: int = 0
    window: int = 0
    hop: int = 0

    @property
    def extents(self) -> tuple[int, ...]:
        """The extents of one sample."""
        return (self.length,) if self.view != "spectrogram" else (self.mels, -(-self.length // self.hop))

    def to_dict(self) -> dict[str, Any]:
        """As a run's settings hold it."""
        return {"kind": "sound", **asdict(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Hearing:
        """What `to_dict` wrote.

        >>> Hearing.from_dict(Hearing(8000, 4000).to_dict()) == Hearing(8000, 4000)
        True
        """
        return cls(**{key: value for key, value in values.items() if key not in ("kind", "paired")})


def choose_hearing(headers: Sequence[Header], view: str | None, extents: tuple[int, ...] | None) -> Hearing:
    """Choose how these recordings are read: the commonest rate, and a length that keeps 95 % of them whole.

    The length is 10 s at most; the rate is lowered where that many samples would be more than 80,000. `extents` force
    a waveform's length.

    Raises: DataError for a view or extents that sound can't have.

    >>> choose_hearing([Header(4000, 1, 8000)] * 9 + [Header(441, 2, 44100)], None, None)
    Hearing(rate=8000, length=4000, view='waveform', mels=0, window=0, hop=0)
    """
    view = view or "waveform"
    if view not in (*VIEWS, LEVELS):
        raise DataError(f"--view is {view}, needed {' or '.join(VIEWS)} for sound. Change it.")
    if extents is not None and (view == "spectrogram" or len(extents) != 1):
        raise DataError(
            f"found {'x'.join(map(str, extents))} asked for sound; needed a waveform's length alone. "
            "Leave --input out, or give it as 1xLENGTH."
        )
    rate, seconds = choose_rate(headers), choose_seconds(headers)
    rate = next((lower for lower in RATES if lower <= rate and seconds * lower <= MOST_CELLS), min(rate, RATES[-1]))
    length = extents[0] if extents else round_length(seconds * rate, rate)
    return _choose_frames(rate, length) if view == "spectrogram" else Hearing(rate, length, view)


def choose_view(request: Request) -> str | None:
    """The view that is asked for; what continues recordings sees levels.

    Raises: DataError for another view asked for beside that task.
    """
    view: str | None = request.options.get("view")
    if request.task != "continue":
        return view
    if view not in (None, "waveform"):
        raise DataError(f"--view {view}: a recording is continued as a waveform. Leave --view out.")
    return LEVELS


def choose_rate(headers: Sequence[Header]) -> int:
    """Choose the commonest rate, the higher of two that are as common.

    >>> choose_rate([Header(1, 1, 8000), Header(1, 1, 44100)])
    44100
    """
    counts = Counter(header.rate for header in headers)
    return max(counts, key=lambda rate: (counts[rate], rate)) if counts else RATES[-1]


def choose_seconds(headers: Sequence[Header]) -> float:
    """Choose the seconds that 95 % of the recordings don't exceed, 10 at most."""
    seconds = [header.frames / header.rate for header in headers] or [1.0]
    return float(np.clip(np.percentile(seconds, PERCENTILE, method="inverted_cdf"), LEAST_SECONDS, MOST_SECONDS))


def round_length(samples: float, rate: int) -> int:
    """Round up to whole hundredths of a second: all recordings of one length stay as they are where that fits.

    >>> round_length(4000, 8000), round_length(4001, 8000)
    (4000, 4080)
    """
    step = max(1, round(rate * HOP_SECONDS))
    return max(1, -(-int(np.ceil(samples)) // step)) * step


def _choose_frames(rate: int, length: int) -> Hearing:
    """A window of 25 ms at least, of a power of two, every 10 ms; as many mel bands as each still hold a frequency."""
    window = 1 << max(4, int(np.ceil(np.log2(rate * WINDOW_SECONDS))))
    hop = max(1, round(rate * HOP_SECONDS))
    return Hearing(rate, length, "spectrogram", choose_mels(rate, window), window, hop)
