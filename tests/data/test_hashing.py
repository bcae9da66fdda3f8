from __future__ import annotations

from hashlib import blake2b

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from striate.data.hashing import fingerprint, hash_part, hash_samples, sum_moments
from striate.data.load import load_dataset
from striate.data.part import Part


@given(st.integers(0, 20), st.integers(1, 3), st.integers(1, 40))
def test_hashes_against_one_sample_at_a_time(count: int, channels: int, length: int) -> None:
    inputs = np.random.default_rng(count).integers(0, 256, (count, channels, length), np.uint8)
    slow = [int.from_bytes(blake2b(sample.tobytes(), digest_size=8).digest(), "little") for sample in inputs]
    assert hash_samples(inputs).tolist() == slow
    assert hash_samples(inputs).dtype == np.uint64


def test_a_parts_hashes_are_those_of_its_inputs_however_they_came_about() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (40, 1, 3, 5), np.uint8)
    data = load_dataset((inputs, np.arange(40) % 2))
    assert data.test is not None
    for part in (data.train, data.test, Part(inputs, np.zeros(40, np.int64), [""] * 40)):
        assert (hash_part(part) == hash_samples(part.inputs)).all()
        assert hash_part(part) is part.hashes


def test_a_view_hashes_as_its_copy() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 3), np.uint8)
    view = np.moveaxis(inputs, 3, 1)[::2]
    assert (hash_samples(view) == hash_samples(view.copy())).all()


def test_moments_against_whole_numbers() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (5, 3, 7, 2), np.uint8)
    moments = sum_moments(inputs)
    for sample, channel in np.ndindex(5, 3):
        values = [int(value) for value in inputs[sample, channel].flat]
        assert moments[sample, channel].tolist() == [sum(values), sum(value * value for value in values)]


def test_a_fingerprint_feels_every_column() -> None:
    hashes, labels, sides = np.arange(4, dtype=np.uint64), np.arange(4), np.zeros(4, np.int8)
    prints = {
        fingerprint(hashes, labels, sides, "a"),
        fingerprint(hashes[::-1], labels, sides, "a"),
        fingerprint(hashes, labels[::-1], sides, "a"),
        fingerprint(hashes, labels, sides + 1, "a"),
        fingerprint(hashes, labels, sides, "b"),
    }
    assert len(prints) == 5
    assert all(len(each) == 32 and int(each, 16) >= 0 for each in prints)
