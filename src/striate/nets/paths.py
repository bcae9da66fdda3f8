"""What each part of an expanded network is called: the names that its modules get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from striate.nets.expansion import Branches, Expanded, Part, Piece
from striate.nets.words.word import Plain


def name_parts(items: Expanded) -> Iterator[tuple[str, Part]]:
    """Name the parts of one row: the word, or the definition's name, and its number within the row.

    >>> from striate.nets.notation import parse
    >>> from striate.nets.expansion import expand
    >>> [name for name, _ in name_parts(expand(parse("conv3-8, relu6, conv3-8, relu6")))]
    ['conv1', 'relu6_1', 'conv2', 'relu6_2']
    """
    counts: Counter[str] = Counter()
    for item in items:
        word = item.name if isinstance(item, Piece) else item.word
        counts[word] += 1
        yield f"{word}_{counts[word]}" if word[-1] in "0123456789_" else f"{word}{counts[word]}", item


def find_layers(items: Expanded, prefix: str = "") -> Iterator[tuple[str, Plain]]:
    r"""Every layer with the path of its module, in the order of the text.

    >>> from striate.nets.notation import parse
    >>> from striate.nets.expansion import expand
    >>> [path for path, _ in find_layers(expand(parse("def f = relu, add[conv3-8 | ]\nf*2")))]
    ['f1.relu1', 'f1.add1.branch1.conv1', 'f2.relu1', 'f2.add1.branch1.conv1']
    """
    for name, part in name_parts(items):
        path = prefix + name
        if isinstance(part, Plain):
            yield path, part
        elif isinstance(part, Branches):
            for number, branch in enumerate(part.branches, 1):
                yield from find_layers(branch, f"{path}.branch{number}.")
        else:
            yield from find_layers(part.items, f"{path}.")
