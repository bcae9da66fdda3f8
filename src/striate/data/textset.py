"""Texts in class folders or under a labels.csv, one a .txt file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from striate.data.decoded import Decoded
from striate.data.hashing import hash_samples, sum_moments
from striate.data.part import SetAside
from striate.data.pool import Pool, Request
from striate.data.store import Entry, Store, shown
from striate.data.table import TABLE
from striate.data.tokens import tokenise
from striate.data.tree import find_medium_of, read_tree
from striate.data.words import NO_WORD, Texts, pool_words, restore_words

SUFFIX = ".txt"
MOST_BYTES = 1 << 24


def is_texts(store: Store, request: Request) -> bool:
    """Tell a source of more .txt files in folders (with a labels.csv, anywhere) than files of all other media."""
    if request.reading is not None and request.reading.get("kind") != "words":
        return False
    table = any(entry.name.lower().rsplit("/", 1)[-1] == TABLE for entry in store.entries)
    texts = sum(_is_text(entry) and (table or "/" in entry.name) for entry in store.entries)
    return texts > sum(find_medium_of(entry) is not None for entry in store.entries)


def read_texts(store: Store, request: Request, source: Path) -> Pool:
    """Read the text files of all classes, each as one text. Raises: DataError where there are no classes."""
    tree, aside = read_tree(store, "words")
    read = Texts(set_aside=[*store.set_aside, *aside])
    for done, each in enumerate(tree, start=1):
        name = shown(each.name)
        if not _is_text(each.entry):
            read.set_aside.append(SetAside(name, "no .txt file"))
        else:
            text, reason = read_text(store, each.entry)
            if reason:
                read.set_aside.append(SetAside(name, reason))
            else:
                read.add(text, each.label, name, each.side)
                read.marked.append(each)
        if request.report:
            request.report(done, len(tree))
    return pool_words(read, request, store.where)


def decode_texts(store: Store, entries: Sequence[Entry], request: Request) -> Decoded:
    """Read text files for a network that was trained on words, by its `reading`.

    Shape:   int16 [N, 1, length].
    """
    assert request.reading is not None
    vocabulary, length = restore_words(request.reading, request, store.where)
    found = [read_text(store, entry) for entry in entries]
    tokens = [tokenise(text) for text, _ in found]
    reasons = {n: why or NO_WORD for n, (_, why) in enumerate(found) if why or not tokens[n]}
    kept = [place for place in range(len(entries)) if place not in reasons]
    lengths = [len(tokens[place]) for place in kept] or [0]
    inputs = vocabulary.encode([tokens[place] for place in kept], length)
    return Decoded(
        inputs=inputs,
        kept=np.array(kept, np.int64),
        set_aside=tuple(SetAside(shown(entries[place].name), why) for place, why in reasons.items()),
        smallest=(min(lengths),),
        largest=(max(lengths),),
        hashes=hash_samples(inputs),
        moments=sum_moments(inputs),
    )


def read_text(store: Store, entry: Entry) -> tuple[str, str]:
    """A file's text, and "", or why it can't be read."""
    try:
        with store.open(entry) as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return "", f"can't be read ({error.strerror or error})"
    if len(content) > MOST_BYTES:
        return "", f"more than {MOST_BYTES:,} bytes"
    if b"\0" in content:
        return "", "no text: there are zero bytes in it"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        return "", f"no UTF-8 text (byte {error.start})"


def _is_text(entry: Entry) -> bool:
    return entry.name.lower().endswith(SUFFIX)
