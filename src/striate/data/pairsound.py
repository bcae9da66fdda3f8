"""Damaged recordings and their clean ones, cut at the same moment and levelled by the same factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from striate.data.hearing import Hearing, choose_hearing
from striate.data.pairs import Pair
from striate.data.part import Inputs
from striate.data.pool import Request
from striate.data.recording import PEAK, SILENCE, fit_length, listen, to_integers
from striate.data.sound import Floats, Header, decode_sound, explain_failure
from striate.data.store import Store
from striate.data.sweep import read_whole
from striate.errors import DataError


@dataclass(frozen=True, eq=False)
class Heard:
    """Both halves, int16 [N, channels, length]; the pairs' places, why others weren't kept, and their lengths."""

    noisy: Inputs
    clean: Inputs
    kept: list[int]
    reasons: dict[int, str]
    lengths: list[int]
    hearing: Hearing


def decode_pairs(store: Store, pairs: Sequence[Pair], request: Request) -> Heard:
    """Read pairs of recordings at one rate and length; those that differ in length are not kept.

    Raises: DataError for a view other than the waveform.
    """
    read, reasons = {}, {}
    for place, pair in enumerate(pairs):
        try:
            (noisy, rate), (clean, other) = (
                decode_sound(read_whole(store, entry)) for entry in (pair.noisy, pair.clean)
            )
            if rate != other or noisy.shape[1] != clean.shape[1]:
                found = f"{noisy.shape[1]:,} samples at {rate:,}, but its clean one {clean.shape[1]:,} at {other:,}"
                raise ValueError(f"{found}; needed as many")
            read[place] = noisy, clean, rate
        except Exception as error:  # decoders raise almost anything on damaged files
            reasons[place] = explain_failure(error)
        if request.report:
            request.report(place + 1, len(pairs))
    hearing = _choose(request, [Header(noisy.shape[1], len(noisy), rate) for noisy, _, rate in read.values()])
    channels, rows, kept = request.channels or 1, [], []
    for place, (noisy, clean, rate) in read.items():
        try:
            heard, wanted = (listen(each, rate, hearing.rate, channels) for each in (noisy, clean))
            rows.append(fit_pair(heard, wanted, hearing.length))
            kept.append(place)
        except ValueError as problem:
            reasons[place] = explain_failure(problem)
    lengths = [round(read[place][0].shape[1] * hearing.rate / read[place][2]) for place in kept]
    shape = (0, channels, hearing.length)
    halves = [np.stack([row[half] for row in rows]) if rows else np.empty(shape, np.int16) for half in (0, 1)]
    return Heard(halves[0], halves[1], kept, reasons, lengths, hearing)


def fit_pair(noisy: Floats, clean: Floats, length: int) -> tuple[Inputs, Inputs]:
    """Cut both where the damaged one is loudest, and level both by what brings that one to its peak.

    >>> noisy, clean = fit_pair(np.float32([[0, 0.1, 0.5, 0]]), np.float32([[0.2, 0.1, 0.25, 0]]), 2)
    >>> (noisy / 32768).round(2).tolist(), (clean / 32768).round(2).tolist()
    ([[0.18, 0.9]], [[0.18, 0.45]])
    """
    joined = np.concatenate([noisy, clean])
    if noisy.shape[1] > length:
        power = np.concatenate([[0.0], np.cumsum((noisy.astype(np.float64) ** 2).sum(0))])
        start = int(np.argmax(power[length:] - power[:-length]))
        joined = joined[:, start : start + length]
    joined = fit_length(joined, length)
    peak = float(np.abs(joined[: len(noisy)]).max(initial=0.0))
    levelled = to_integers(joined * np.float32(PEAK / peak if peak > SILENCE else 0.0))
    return levelled[: len(noisy)], levelled[len(noisy) :]


def _choose(request: Request, headers: Sequence[Header]) -> Hearing:
    if request.reading:
        return Hearing.from_dict(request.reading)
    hearing = choose_hearing(headers, request.options.get("view"), request.extents)
    if hearing.view != "waveform":
        raise DataError("--view spectrogram: pairs of sounds are restored as waveforms. Leave --view out.")
    return hearing
