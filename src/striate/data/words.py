"""Texts of any source as one pool of token numbers; vocabulary and length come from the training texts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.marks import gather_labels
from striate.data.part import Inputs, Integers, SetAside
from striate.data.pool import Pool, Request, index_classes
from striate.data.tokens import SPECIAL, Vocabulary, learn_vocabulary, tokenise
from striate.data.tree import Labelled
from striate.errors import DataError

SHARE = 0.95  # of the training texts that are kept whole
LEAST, MOST = 8, 512  # tokens
NO_WORD = "no word in it"


@dataclass
class Texts:
    """Texts as they were read, each with its label, its name and its `Side`; of files also their marks."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sides: list[int] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    marked: list[Labelled] = field(default_factory=list)

    def add(self, text: str, label: str, name: str, side: int) -> None:
        """Take one text in."""
        self.texts.append(text)
        self.labels.append(label)
        self.names.append(name)
        self.sides.append(side)


def pool_words(read: Texts, request: Request, where: str) -> Pool:
    """Make a pool of texts; those without a word are set aside.

    Where it is not read as another set was, its inputs are made by `learn`, once the samples are split.

    Shape:   int16 [N, 1, length].
    Raises:  DataError for a forced size that texts can't have.
    """
    check_size(request, where)
    tokens = [tokenise(text) for text in read.texts]
    kept = [place for place, found in enumerate(tokens) if found]
    empty = [SetAside(name, NO_WORD) for name, found in zip(read.names, tokens, strict=True) if not found]
    if read.marked:
        task, classes, labels = gather_labels([read.marked[place] for place in kept])
    else:
        task, (classes, labels) = "classify", index_classes([read.labels[place] for place in kept])
    tokens = [tokens[place] for place in kept]
    lengths = [len(each) for each in tokens] or [0]
    pool = Pool(
        inputs=np.zeros((len(kept), 1, 1), np.int16),
        labels=labels,
        names=[read.names[place] for place in kept],
        sides=np.array([read.sides[place] for place in kept], np.int8),
        classes=classes,
        kind="words",
        task=task,
        smallest=(min(lengths),),
        largest=(max(lengths),),
        set_aside=tuple(sorted([*read.set_aside, *empty], key=lambda each: each.name)),
    )
    if request.reading is not None:
        return _encode(pool, tokens, *restore_words(request.reading, request, where))

    def learn(places: Integers) -> Pool:
        trained = [tokens[place] for place in places.tolist()]
        length = request.extents[0] if request.extents else choose_length([len(each) for each in trained])
        return _encode(pool, tokens, learn_vocabulary(trained), length)

    return replace(pool, learn=learn) if kept else pool


def encode_texts(texts: Sequence[str], reading: Mapping[str, Any], extents: tuple[int, ...] | None = None) -> Inputs:
    """Number texts as a set of words was read.

    Shape:   int16 [N, 1, length].
    Raises:  DataError for a text without a word.

    >>> encode_texts(["Not like ML!"], {"kind": "words", "length": 5, "vocabulary": "like not"}).tolist()
    [[[3, 2, 1, 1, 0]]]
    """
    vocabulary, length = restore_words(reading, Request(extents), "texts")
    tokens = [tokenise(text) for text in texts]
    if [] in tokens:
        raise DataError(f"text {tokens.index([])}: found {NO_WORD}, needed some. Leave it out")
    return vocabulary.encode(tokens, length)


def restore_words(reading: Mapping[str, Any], request: Request, where: str) -> tuple[Vocabulary, int]:
    """The vocabulary and the length that a set was read with.

    Raises:  DataError where the set was none of words.
    """
    if reading.get("kind") != "words":
        raise DataError(f"{where}: holds words; needed {reading.get('kind')}, as the network was trained on.")
    length = request.extents[0] if request.extents else int(reading["length"])
    return Vocabulary(tuple(str(reading["vocabulary"]).split())), length


def decode_cells(cells: NDArray[Any], reading: Mapping[str, Any]) -> list[str]:
    """The words that a network saw, padding left out; what it doesn't know is `<unknown>`."""
    vocabulary = Vocabulary(tuple(str(reading["vocabulary"]).split()))
    return vocabulary.decode(np.rint(cells).astype(np.int64).reshape(-1).tolist())


def choose_length(lengths: Sequence[int]) -> int:
    """The length that holds 95 of 100 texts whole, a multiple of 4, from 8 to 512 tokens.

    >>> choose_length([5, 9, 9]), choose_length([30] * 99 + [4000]), choose_length([900])
    (12, 32, 512)
    """
    enough = int(np.quantile(np.array(lengths), SHARE, method="higher"))
    return min(MOST, max(LEAST, 4 * -(-enough // 4)))


def check_size(request: Request, where: str) -> None:
    """Refuse a forced size that is none of words. Raises: DataError."""
    if request.channels not in (None, 1) or len(request.extents or (1,)) != 1:
        size = "x".join(map(str, (request.channels or 1, *(request.extents or ()))))
        raise DataError(f"{where}: holds words (1 channel, 1 extent); needed samples of {size}.")


def _encode(pool: Pool, tokens: Sequence[Sequence[str]], vocabulary: Vocabulary, length: int) -> Pool:
    cut = sum(len(each) > length for each in tokens)
    ends = [f"of {cut:,} longer ones the end is cut off"] * bool(cut) + ["shorter ones are padded at their end"]
    notes = [
        f"texts of {pool.smallest[0]:,} to {pool.largest[0]:,} tokens (words and marks) are read as {length}: "
        f"{', '.join(ends)}",
        f"a vocabulary of {len(vocabulary):,} numbers, {' and '.join(SPECIAL)} among them, from the training texts "
        "alone",
    ]
    reading = {"kind": "words", "length": length, "vocabulary": " ".join(vocabulary.words)}
    inputs = vocabulary.encode(tokens, length)
    return replace(pool, inputs=inputs, notes=(*pool.notes, *notes), reading=reading, learn=None)
