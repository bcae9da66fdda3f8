"""Chooses a network for texts: words become vectors, filters of 3, 4 and 5 words beside each other look for phrases.

Of short texts each filter's strongest answer is kept, as in Kim 2014, "Convolutional neural networks for sentence
classification", arXiv:1408.5882; of long ones the eight strongest, in their order, as in Kalchbrenner, Grefenstette
and Blunsom 2014, "A convolutional neural network for modelling sentences", arXiv:1404.2188, and a second layer reads
those.
"""

from __future__ import annotations

from striate.auto.network import Design

WIDTHS = (3, 4, 5)  # words
LONG = 128  # tokens: from there on one answer a filter is too little
STRONGEST = 8
LEAST_VECTOR, MOST_VECTOR = 16, 128


def design_words(numbers: int, length: int, longest: int) -> Design:
    """Write a network for texts of `length` tokens, of which there are `numbers`; the longest text has `longest`.

    Cost:    integers alone.

    >>> print(design_words(5000, 40, 60).text)
    input 1x40
    def phrase(n) = conv(n)-64, relu
    embed5000-128, dropout p=0.2
    cat[phrase(3) | phrase(4) | phrase(5)], gmp
    flatten, dropout p=0.5, fc-classes
    """
    channels, filters = choose_vector(numbers), 64
    long = length >= LONG
    pool = f"kmaxpool{STRONGEST}" if long else "gmp"
    lines = [
        f"input 1x{length}",
        f"def phrase(n) = conv(n)-{filters}, relu",
        f"embed{numbers}-{channels}, dropout p=0.2",
        f"cat[{' | '.join(f'phrase({width})' for width in WIDTHS)}], {pool}",
        *([f"conv3-{2 * filters}, relu, gmp"] if long else []),
        "flatten, dropout p=0.5, fc-classes",
    ]
    return Design("\n".join(lines) + "\n", _explain(numbers, channels, length, longest))


def choose_vector(numbers: int) -> int:
    """Choose how long a word's vector is: about four times the square root of the vocabulary, a power of two.

    >>> choose_vector(30), choose_vector(500), choose_vector(20_000)
    (16, 64, 128)
    """
    channels = LEAST_VECTOR
    while channels < MOST_VECTOR and channels < 2.8 * numbers**0.5:
        channels *= 2
    return channels


def _explain(numbers: int, channels: int, length: int, longest: int) -> tuple[str, ...]:
    widths = f"{', '.join(map(str, WIDTHS[:-1]))} and {WIDTHS[-1]}"
    if length >= LONG:
        why = (
            f"texts of {length} tokens are long: each filter's {STRONGEST} strongest answers are kept in their order "
            "(k-max pooling), and a second layer reads them"
        )
    else:
        why = f"texts of {length} tokens are short: each filter's strongest answer is kept, wherever it is"
    reasons = [
        f"{numbers:,} tokens, each a vector of {channels} numbers that is learned with the rest",
        f"filters of {widths} words beside each other: a phrase is known by the order of its words",
        why,
        "dropout of half of what the last layer sees: there are more filters than phrases that matter",
    ]
    if longest > length:
        reasons.append(f"the longest text has {longest:,} tokens: its end is cut off")
    return tuple(reasons)
