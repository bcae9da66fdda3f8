"""How the words for padding become numbers of cells, one axis at a time."""

from __future__ import annotations

from striate.errors import InputError, ShapeError

Pair = tuple[int, int]
"""Cells (before, after) the axis."""

WORDS = ("valid", "same", "full", "causal")


def compute_span(size: int, dilation: int = 1) -> int:
    """Count the cells from a kernel's first tap to its last: dilation*(size - 1) + 1.

    Raises: ShapeError if size or dilation is below 1.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, sec. 5.1 (the dilated kernel's effective size).

    >>> compute_span(3), compute_span(3, dilation=4)
    (3, 9)
    """
    require_positive(size=size, dilation=dilation)
    return dilation * (size - 1) + 1


def resolve_padding(pad: str | int | Pair, size: int, dilation: int = 1) -> Pair:
    """Turn a convolution's or pool's `pad` into the cells added (before, after).

    `valid` adds none; `same` adds (span-1)//2 and span//2, whatever the stride and the input; `full` adds span-1 on
    both sides, so that each tap meets each cell; `causal` adds span-1 before, so that no output sees a later input.

    Raises: InputError for an unknown word, ShapeError for a negative number.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationships 1, 3 and 4 (valid, same, full);
            van den Oord et al. 2016, arXiv:1609.03499, sec. 2.1 (causal).

    >>> [resolve_padding(word, size=4) for word in WORDS]
    [(0, 0), (1, 2), (3, 3), (3, 0)]
    >>> resolve_padding(2, size=3), resolve_padding((0, 1), size=3)
    ((2, 2), (0, 1))
    """
    span = compute_span(size, dilation)
    if isinstance(pad, str):
        by_word = {
            "valid": (0, 0),
            "same": ((span - 1) // 2, span // 2),
            "full": (span - 1, span - 1),
            "causal": (span - 1, 0),
        }
        return _look_up(pad, by_word)
    pair = (pad, pad) if isinstance(pad, int) else pad
    require_padding(pair)
    return pair


def resolve_crop(pad: str | int | Pair, size: int, stride: int, dilation: int = 1) -> Pair:
    """Turn a transposed convolution's `pad` into the cells cut (before, after) from its raw output.

    The raw output of n cells has (n-1)*stride + span. A negative number adds that many zero cells instead.
    `valid` cuts none; `same` leaves n*stride cells; `full` undoes a `full` convolution; `causal` leaves n*stride cells
    of which none sees a later input. A whole number cuts that many on both sides; a pair stays.

    Raises: InputError for an unknown word, ShapeError for a negative whole number or a stride, size, dilation below 1.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, relationship 14, solved for the padding.

    >>> [resolve_crop(word, size=4, stride=2) for word in WORDS]
    [(0, 0), (1, 1), (3, 3), (0, 2)]
    >>> resolve_crop("same", size=1, stride=2)
    (0, -1)
    """
    require_positive(stride=stride)
    span = compute_span(size, dilation)
    excess = span - stride
    if isinstance(pad, str):
        by_word = {
            "valid": (0, 0),
            "same": ((excess + 1) // 2, excess // 2) if excess >= 0 else (0, excess),
            "full": (span - 1, span - 1),
            "causal": (0, excess),
        }
        return _look_up(pad, by_word)
    if isinstance(pad, int):
        require_padding((pad, pad))
        return pad, pad
    return pad


def require_positive(**numbers: int) -> None:
    """Raise ShapeError for the first named number below 1."""
    for name, number in numbers.items():
        if number < 1:
            raise ShapeError(f"{name} is {number}, but it must be 1 or more. Use {name} 1.")


def require_padding(pad: Pair) -> None:
    """Raise ShapeError where a padding is negative."""
    if min(pad) < 0:
        raise ShapeError(
            f"padding {pad[0]} before and {pad[1]} after is negative, but padding adds cells. Use 0 or more."
        )


def _look_up(word: str, by_word: dict[str, Pair]) -> Pair:
    if word not in by_word:
        raise InputError(f"padding '{word}' is unknown. Use one of {', '.join(WORDS)}, a number or before:after.")
    return by_word[word]
