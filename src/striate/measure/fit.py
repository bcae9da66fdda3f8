"""The largest batch that fits: predicted peaks, and a search among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

from striate.errors import InputError
from striate.measure.inputs import Given, find_device
from striate.measure.measurement import TYPES, Precision, check_settings
from striate.measure.memory import Memory, estimate_inference, estimate_training
from striate.measure.scratch import Optimizer, make_scratch
from striate.measure.trace import trace

MOST = 2**20
"""The largest batch looked for."""


def predict_peak(
    module: nn.Module,
    input: Given,
    batch: int,
    *,
    training: bool = True,
    optimizer: Optimizer = "momentum",
    precision: Precision = "fp32",
) -> Memory:
    """Predict the memory of one training step, or of one pass in eval mode, by terms.

    Cost:    one trace, no tensor memory.
    Raises:  InputError where the module can't be run so.

    >>> predict_peak(nn.Linear(4, 8), (4,), 2, training=False).peak
    256
    """
    check_settings(batch, optimizer, precision)
    autocast, scratch = TYPES[precision], make_scratch(find_device(module).type)
    if not training:
        return estimate_inference(trace(module, input, batch, mode="eval", autocast=autocast, scratch=scratch))
    made = trace(module, input, batch, mode="train", backward=True, autocast=autocast, scratch=scratch)
    return estimate_training(made, optimizer)


def find_largest_batch(
    module: nn.Module,
    input: Given,
    bytes: int,
    *,
    training: bool = True,
    optimizer: Optimizer = "momentum",
    precision: Precision = "fp32",
) -> int:
    """Find the largest batch whose predicted peak fits in so many bytes; 0 if none does, at most 2^20.

    The batch found fits and the next one doesn't: both were predicted.

    Shape:   `input` is channels x extents without the batch; tensors have a batch already and are refused.
    Cost:    some five traces.
    Raises:  InputError where the module can't be run at any small batch, or `bytes` isn't a number from 1.

    >>> find_largest_batch(nn.Linear(4, 8), (4,), 1000, training=False)
    17
    """
    if isinstance(bytes, bool) or not isinstance(bytes, int) or bytes < 1:
        raise InputError(f"bytes: found {bytes!r}, needed a whole number from 1. Change it")
    _refuse_tensors(input)
    peaks: dict[int, int] = {}

    def predict(batch: int) -> int:
        if batch not in peaks:
            memory = predict_peak(module, input, batch, training=training, optimizer=optimizer, precision=precision)
            peaks[batch] = memory.peak
        return peaks[batch]

    return _search(predict, _find_least(predict), bytes)


def _refuse_tensors(given: Given) -> None:
    parts = given.values() if isinstance(given, Mapping) else given if isinstance(given, Sequence) else [given]
    if any(isinstance(part, Tensor) for part in parts):
        raise InputError("input: found a tensor, whose batch is set, needed shapes. Give channels x extents")


def _find_least(predict: Callable[[int], int]) -> int:
    """1, or 2 where a single sample can't be run: batch norm needs two values per channel."""
    try:
        predict(1)
    except InputError:
        predict(2)
        return 2
    return 1


def _search(predict: Callable[[int], int], least: int, bytes: int) -> int:
    """Find the last batch that fits: guessed along a straight line, between one that fits and one that doesn't.

    Every third guess goes by halves, so that it ends soon where memory is no straight line.
    """
    if predict(least) > bytes:
        return 0
    fits, fails, tries = least, MOST + 1, 0
    while fails - fits > 1:
        tries += 1
        left, right = (fits, fails) if fails <= MOST else (least, max(fits, least + 1))
        rise = (predict(right) - predict(left)) / (right - left)
        guess = fits + int((bytes - predict(fits)) / rise) if rise > 0 else MOST
        if tries % 3 == 0:
            guess = (fits + fails) // 2 if fails <= MOST else max(guess, 2 * fits)
        guess = min(max(guess, fits + 1), fails - 1)
        if predict(guess) <= bytes:
            fits = guess
        else:
            fails = guess
    return fits
