"""What a word is, and its number: texts become tokens by one rule, tokens whole numbers by a vocabulary.

The rule: everything in lower case (Unicode NFKC first); a token is a run of letters, digits and underscores, with the
apostrophes inside it (don't), or one other mark that is no space. What is not in the vocabulary is `unknown`; the
cells behind the end of a text are `padding`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

PADDING, UNKNOWN = 0, 1
SPECIAL = ("<padding>", "<unknown>")  # the rule never makes such a token
MOST_WORDS = 20_000  # with the two above; int16 would hold 32,768
MANY_TEXTS = 1_000  # of fewer texts every word is kept, of more those that stand there twice
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def tokenise(text: str) -> list[str]:
    """Cut a text into tokens.

    >>> tokenise("I DON'T like ML, not at all!")
    ['i', "don't", 'like', 'ml', ',', 'not', 'at', 'all', '!']
    """
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())


@dataclass(frozen=True)
class Vocabulary:
    """The words that have a number: their places here, after padding (0) and unknown (1).

    >>> vocabulary = Vocabulary(("not", "like"))
    >>> vocabulary.encode([["not", "ever"]], length=3).tolist(), len(vocabulary)
    ([[[2, 1, 0]]], 4)
    """

    words: tuple[str, ...]

    def __len__(self) -> int:
        """Count the numbers, padding and unknown included."""
        return len(self.words) + len(SPECIAL)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: place for place, word in enumerate(self.words, start=len(SPECIAL))}

    def encode(self, texts: Sequence[Sequence[str]], length: int) -> NDArray[np.int16]:
        """Number the tokens of texts: what is longer loses its end, what is shorter is padded.

        Shape: int16 [N, 1, length].
        """
        cells = np.full((len(texts), 1, length), PADDING, np.int16)
        find = self.numbers.get
        for row, tokens in enumerate(texts):
            kept = [find(token, UNKNOWN) for token in tokens[:length]]
            cells[row, 0, : len(kept)] = kept
        return cells

    def decode(self, cells: Iterable[int]) -> list[str]:
        """The words of numbers, without the padding at the end.

        >>> Vocabulary(("not", "like")).decode([3, 1, 0, 0])
        ['like', '<unknown>']
        """
        numbers = list(cells)
        while numbers and numbers[-1] == PADDING:
            numbers.pop()
        known = (*SPECIAL, *self.words)
        return [known[number] if 0 <= number < len(known) else SPECIAL[UNKNOWN] for number in numbers]


def learn_vocabulary(texts: Sequence[Sequence[str]]) -> Vocabulary:
    """Number the commonest words, 19,998 at most; equals by the alphabet.

    Of 1,000 texts or more, a word that stands there once gets no number: so the unknown has samples to learn from.

    >>> learn_vocabulary([["b", "a", "b"], ["c"]]).words
    ('b', 'a', 'c')
    """
    counts = Counter(token for tokens in texts for token in tokens)
    least = 2 if len(texts) >= MANY_TEXTS else 1
    words = sorted((word for word, count in counts.items() if count >= least), key=lambda word: (-counts[word], word))
    return Vocabulary(tuple(words[: MOST_WORDS - len(SPECIAL)]))
