"""A sweep over files of a few bytes against a loop over them: whatever fails, on the way or not, the rest is whole."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import numpy as np
import pytest

from striate.data import sweep
from striate.data.decoded import Decoded, in_memory
from striate.data.hashing import hash_samples, sum_moments
from striate.data.part import Bytes, Inputs
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.store import Entry, Store
from striate.data.sweep import Sweep, read_whole

COUNT = 30


class Shelf(Store):
    """Files in memory, which lie in another order than their names; it remembers which were opened."""

    def __init__(self, contents: dict[int, bytes]) -> None:
        self.where, self.set_aside, self.opened = "shelf", (), list[int]()
        places = np.random.default_rng(3).permutation(len(contents))
        self.entries = tuple(
            Entry(str(number), len(content), 0, (number, content), int(place))
            for place, (number, content) in zip(places, contents.items(), strict=True)
        )

    def open(self, entry: Entry) -> BinaryIO:
        number, content = entry.key
        self.opened.append(number)
        if content == b"gone":
            raise FileNotFoundError(2, "No such file")
        return BytesIO(content)


def read_head(store: Store, entry: Entry) -> int:
    """The first byte; a file without one is no file."""
    with store.open(entry) as stream:
        return stream.read(1)[0]


def decode(place: int, content: bytes) -> tuple[Bytes, int]:
    """Each file as three equal channels of its length, save the one that is torn."""
    if content.endswith(b"torn"):
        raise ValueError("torn")
    return np.full((3, 2, 2), len(content), np.uint8), len(content)


def explain(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def run(
    contents: dict[int, bytes],
    told: list[tuple[int, int]] | None = None,
    *,
    ahead: int = 64,
    at_once_bytes: int = 0,
    thin: bool = False,
) -> tuple[Decoded, Sweep, Shelf, dict[int, int], dict[int, int]]:
    store = Shelf(contents)
    heard = None if told is None else lambda done, total: told.append((done, total))
    made = Sweep(store, store.entries, Request(report=heard), explain)
    heads = made.look(read_head)
    sink = Sink(np.empty((len(made.list_readable()), 3, 2, 2), np.uint8))
    found = made.decode(sink, read_whole, decode, scaling=False, ahead=ahead, at_once_bytes=at_once_bytes)
    sizes = [(found[place],) for place in made.list_readable()] or [(0,)]
    first = (lambda sample: sample[:1]) if thin else None
    return made.finish(sink, sizes, in_memory, thin=first, about={"a": 1}), made, store, heads, found


def make_contents(*, damaged: bool) -> dict[int, bytes]:
    contents = {number: bytes([number]) * (1 + number * 7 % 11) for number in range(COUNT)}
    if damaged:
        contents |= {4: b"", 9: b"gone", 17: b"xtorn", 18: b"torn", 29: b""}
    return contents


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("thin", [False, True])
@pytest.mark.parametrize(("ahead", "at_once_bytes"), [(1, 0), (64, 0), (3, 6), (5, 1000)])
def test_every_file_lands_in_its_row_whatever_fails(damaged: bool, thin: bool, ahead: int, at_once_bytes: int) -> None:
    contents = make_contents(damaged=damaged)
    decoded, _, store, heads, found = run(contents, ahead=ahead, at_once_bytes=at_once_bytes, thin=thin)
    rows: list[Inputs] = []
    for place, content in contents.items():
        if content in (b"", b"gone"):
            assert place not in heads
        else:
            assert heads[place] == content[0]
        if content and content != b"gone" and not content.endswith(b"torn"):
            rows.append(np.full((1 if thin else 3, 2, 2), len(content), np.uint8))
            assert place in decoded.kept
            assert found[place] == len(content)
    expected = np.stack(rows)
    assert (decoded.inputs == expected).all()
    assert decoded.inputs.shape == expected.shape
    assert (decoded.hashes == hash_samples(expected)).all()
    assert (decoded.moments == sum_moments(expected)).all()
    assert (decoded.smallest, decoded.largest) == ((expected.min(),), (expected.max(),))
    assert decoded.about == {"a": 1}
    order = [entry.key[0] for entry in sorted(store.entries, key=lambda entry: entry.place)]
    assert store.opened[:COUNT] == order
    assert store.opened[COUNT:] == [number for number in order if number in heads]


def test_what_fails_is_named_with_its_reason_in_the_order_asked_for() -> None:
    decoded = run(make_contents(damaged=True))[0]
    assert [(each.name, each.reason.split(":")[0]) for each in decoded.set_aside] == [
        ("4", "IndexError"),
        ("9", "FileNotFoundError"),
        ("17", "ValueError"),
        ("18", "ValueError"),
        ("29", "IndexError"),
    ]


def test_nothing_readable_leaves_an_empty_array() -> None:
    decoded = run(dict.fromkeys(range(3), b""))[0]
    assert decoded.inputs.shape == (0, 3, 2, 2)
    assert (decoded.smallest, decoded.largest) == ((0,), (0,))


def test_no_more_files_are_held_than_the_bound_says() -> None:
    ahead, held, most = 4, 0, 0

    def fetch(store: Store, entry: Entry) -> bytes:
        nonlocal held, most
        held += 1
        most = max(most, held - told[-1][0] + COUNT)
        return read_whole(store, entry)

    told: list[tuple[int, int]] = [(COUNT, 0)]
    store = Shelf(make_contents(damaged=False))
    made = Sweep(store, store.entries, Request(report=lambda done, total: told.append((done, total))), explain)
    made.look(read_head)
    made.decode(Sink(np.empty((COUNT, 3, 2, 2), np.uint8)), fetch, decode, scaling=False, ahead=ahead)
    assert most == ahead


@pytest.mark.parametrize("damaged", [False, True])
def test_progress_goes_up_one_by_one_and_ends_at_the_total(damaged: bool) -> None:
    told: list[tuple[int, int]] = []
    run(make_contents(damaged=damaged), told)
    unread = 3 if damaged else 0  # never come by a second time
    steps = list(range(1, 2 * COUNT - unread + 1))
    assert [done for done, _ in told] == (steps if not unread else [*steps, 2 * COUNT])
    assert {total for _, total in told} == {2 * COUNT}


def test_a_file_that_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST_BYTES", 5)
    store = Shelf({0: b"12345", 1: b"123456"})
    assert read_whole(store, store.entries[0]) == b"12345"
    with pytest.raises(OSError, match="more than 5 bytes"):
        read_whole(store, store.entries[1])


def test_a_file_that_goes_between_the_passes_is_set_aside() -> None:
    store = Shelf({0: b"a", 1: b"bc"})
    made = Sweep(store, store.entries, Request(), explain)
    made.look(read_head)
    gone = Entry("0", 1, 0, (0, b"gone"), store.entries[0].place)
    made.entries = (gone, store.entries[1])
    sink = Sink(np.zeros((2, 3, 2, 2), np.uint8))
    found = made.decode(sink, read_whole, decode, scaling=False)
    assert found == {1: 2}
    decoded = made.finish(sink, [(2,)], in_memory)
    assert decoded.kept.tolist() == [1]
    assert (decoded.inputs == 2).all()
    assert decoded.set_aside[0].reason.startswith("FileNotFoundError")
