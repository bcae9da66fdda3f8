"""The largest batch that fits, against trying batch after batch."""

from itertools import count

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from striate.errors import InputError
from striate.measure import fit
from striate.measure.fit import MOST, find_largest_batch, predict_peak


def make() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10))


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 400_000), st.booleans())
def test_it_is_the_last_that_fits(bytes: int, training: bool) -> None:
    module = make()
    found = find_largest_batch(module, (1, 8, 8), bytes, training=training)
    fitting = (batch for batch in count(1) if predict_peak(module, (1, 8, 8), batch, training=training).peak > bytes)
    assert found == next(fitting) - 1


class Counted(nn.Module):
    """Counts how often it is traced."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.runs = make(), [0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.runs[0] += 1
        result: torch.Tensor = self.inner(x)
        return result


@pytest.mark.parametrize("bytes", [10**6, 10**8, 10**9])
def test_few_traces_find_it_and_both_sides_are_predicted(bytes: int) -> None:
    module = Counted()
    found = find_largest_batch(module, (1, 8, 8), bytes)
    assert module.runs[0] <= 10
    peaks = [predict_peak(module, (1, 8, 8), batch).peak for batch in (found, found + 1)]
    assert peaks[0] <= bytes < peaks[1]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 10**4)), min_size=1, max_size=4),
    st.integers(1, 10**8),
)
def test_memory_that_is_no_straight_line(base: int, bends: list[tuple[int, int]], bytes: int) -> None:
    """Peaks that bend, stand still and jump; the twin halves an interval."""

    def peak(batch: int) -> int:
        return base + batch // 4 + sum(rise * max(0, batch - start) for start, rise in bends)

    calls = set()

    class Memory:
        def __init__(self, batch: int) -> None:
            calls.add(batch)
            self.peak = peak(batch)

    low, high = 0, MOST + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if peak(middle) <= bytes else (low, middle)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "predict_peak", lambda _module, _input, batch, **_: Memory(batch))
        assert find_largest_batch(make(), (1, 8, 8), bytes) == low
    assert len(calls) < 60


def test_none_fits_and_all_fit() -> None:
    assert find_largest_batch(make(), (1, 8, 8), 1000) == 0
    assert find_largest_batch(make(), (1, 8, 8), 10**15, training=False) == MOST


def test_more_memory_fits_more() -> None:
    module = make()
    sizes = {name: find_largest_batch(module, (1, 8, 8), 10**6, optimizer=name) for name in ("adam", "momentum", "sgd")}
    assert sizes["adam"] < sizes["momentum"] < sizes["sgd"] < find_largest_batch(module, (1, 8, 8), 10**7)


def test_batch_norm_that_needs_two_images() -> None:
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(4), nn.Flatten())
    found = find_largest_batch(module, (1, 8, 8), 10**5)
    assert predict_peak(module, (1, 8, 8), found).peak <= 10**5 < predict_peak(module, (1, 8, 8), found + 1).peak


def test_half_precision_fits_more_where_activations_weigh() -> None:
    module = nn.Sequential(*[layer for _ in range(4) for layer in (nn.Linear(64, 64), nn.ReLU())], nn.Flatten())
    sizes = [find_largest_batch(module, (32, 64), 10**8, precision=name) for name in ("fp32", "bf16")]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("bytes", [0, -5, 1.5e9, True, "8G"])
def test_bytes_that_are_no_number_of_bytes(bytes: object) -> None:
    with pytest.raises(InputError, match=r"bytes: found .*, needed a whole number"):
        find_largest_batch(make(), (1, 8, 8), bytes)  # type: ignore[arg-type]


def test_bad_settings_are_one_clear_line() -> None:
    with pytest.raises(InputError, match="optimizer: found 'lion'"):
        find_largest_batch(make(), (1, 8, 8), 10**9, optimizer="lion")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="precision: found 'fp8'"):
        predict_peak(make(), (1, 8, 8), 1, precision="fp8")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="found a tensor"):
        find_largest_batch(make(), torch.zeros(2, 1, 8, 8), 10**9)
    with pytest.raises(InputError, match="input"):
        find_largest_batch(make(), (3, 8, 8), 10**9)
