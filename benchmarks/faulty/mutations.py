"""Ways in which a file's bytes come to harm: each a function of the bytes and of random numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

Mutate = Callable[[bytes, np.random.Generator], bytes]
SHAPE = re.compile(rb"('shape': \(\d+)([^\n]*) {6}\n")  # numpy's header is text, padded with blanks
HEAD = 64  # where most formats declare what they are


def truncate(content: bytes, generator: np.random.Generator) -> bytes:
    return content[: int(generator.integers(0, max(1, len(content))))]


def flip_bits(content: bytes, generator: np.random.Generator) -> bytes:
    """Up to eight bits anywhere."""
    changed = np.frombuffer(content, np.uint8).copy()
    for place in generator.integers(0, len(changed), int(generator.integers(1, 9))):
        changed[place] ^= 1 << int(generator.integers(0, 8))
    return changed.tobytes()


def flip_in_head(content: bytes, generator: np.random.Generator) -> bytes:
    head = flip_bits(content[:HEAD], generator)
    return head + content[HEAD:]


def swap_head(content: bytes, generator: np.random.Generator) -> bytes:
    """The beginning of another kind of file."""
    heads = (
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"BM",
        b"GIF89a",
        b"II*\0",
        b"RIFF",
        b"\x93NUMPY\1\0",
        b"PK\3\4",
    )
    head = heads[int(generator.integers(len(heads)))]
    return head + content[len(head) :]


def empty(content: bytes, generator: np.random.Generator) -> bytes:
    return b""


def fill(content: bytes, generator: np.random.Generator) -> bytes:
    """A stretch of one byte, as a hole in a file leaves it."""
    start = int(generator.integers(0, len(content)))
    length = int(generator.integers(1, max(2, len(content) - start)))
    return content[:start] + bytes([int(generator.choice((0, 255, 32)))]) * length + content[start + length :]


def declare_huge(content: bytes, generator: np.random.Generator) -> bytes:
    """Numbers of four bytes near the beginning, as which sizes are declared, made as large as they can be."""
    changed = bytearray(SHAPE.sub(rb"\g<1>999999\g<2>\n", content))
    for _ in range(int(generator.integers(0 if changed != content else 1, 4))):
        start = int(generator.integers(0, max(1, min(len(content), 128) - 4)))
        changed[start : start + 4] = generator.choice((b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"))
    return bytes(changed)


def grow(content: bytes, generator: np.random.Generator) -> bytes:
    """Noise at the end, or in the middle."""
    place = int(generator.choice((len(content), len(content) // 2)))
    return content[:place] + generator.bytes(int(generator.integers(1, 5000))) + content[place:]


def become_noise(content: bytes, generator: np.random.Generator) -> bytes:
    return generator.bytes(len(content))


def double(content: bytes, generator: np.random.Generator) -> bytes:
    """A stretch twice."""
    start, end = sorted(int(place) for place in generator.integers(0, len(content) + 1, 2))
    return content[:end] + content[start:]


MUTATIONS: dict[str, Mutate] = {
    "truncated": truncate,
    "bits flipped": flip_bits,
    "bits of the head flipped": flip_in_head,
    "another head": swap_head,
    "empty": empty,
    "a hole": fill,
    "huge sizes declared": declare_huge,
    "grown": grow,
    "noise": become_noise,
    "a stretch doubled": double,
}
