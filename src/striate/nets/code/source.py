"""A placed network -> one Python file: a class for each definition, a line for each layer.

Side heads, taps and unpooling reach across definitions; a network that has them is written as one class.
"""

from __future__ import annotations

import itertools
import keyword
from collections import Counter
from collections.abc import Iterator

import torch

from striate.errors import InputError
from striate.nets.code.parts import PARTS
from striate.nets.code.spelling import spell
from striate.nets.expansion import Branches, Piece
from striate.nets.shapes import Placed, list_layers
from striate.nets.vocabulary import LAYERS
from striate.nets.words.word import Plain, write_shape

MOST_LAYERS = 3_000
CROSSING = frozenset({"tap", "taps", "aux", "unpool"})


def write_source(placed: tuple[Placed, ...], title: str = "") -> str:
    """Write the network as PyTorch code: `Net()` has the same tensors in the same order, and computes the same.

    Raises:  InputError for a network of more than 3,000 layers, or an unpool of overlapping windows.

    >>> from striate.nets.notation import parse
    >>> from striate.nets.shapes import place
    >>> print(write_source(place(parse("conv3-8, relu"), (3, 8, 8))))  # doctest: +ELLIPSIS
    import torch
    from torch import nn
    ...
            x = self.conv1(x)
            x = self.relu1(x)
            return x
    """
    if sum(1 for _ in list_layers(placed)) > MOST_LAYERS:
        raise InputError(f"the code of more than {MOST_LAYERS:,} layers is no text to read. Use striate.build")
    writer = _Source(inline=any(part.word in CROSSING for _, part in list_layers(placed)))
    net = writer.write_class("Net", placed, title)
    parts = [PARTS[name] for name in PARTS if name in writer.parts]
    body = "\n\n".join([*parts, *writer.classes, net])
    imports = ["import torch", "from torch import nn"]
    imports += ["from torch.nn import functional as F"] if " F." in body or "(F." in body else []
    imports += ["from striate import build"] if "build(" in body else []
    return "\n".join(imports) + "\n\n\n" + body


class _Source:
    """All classes of one file, the inner ones first; `known` are those written already, by what they hold."""

    def __init__(self, *, inline: bool) -> None:
        self.inline = inline
        self.classes: list[str] = []
        self.known: dict[tuple[str, str], str] = {}
        self.names: Counter[str] = Counter()
        self.parts: set[str] = set()

    def find_class(self, placed: Placed) -> str:
        """The class of a definition in its place; two that hold the same are one."""
        stem = "".join(piece[:1].upper() + piece[1:] for piece in placed.word.split("_")) or "Piece"
        shapes = f"{placed.word}: {write_shape(placed.input)} to {write_shape(placed.output)}"
        body = self.write_class("@", placed.rows[0], shapes)
        if (stem, body) not in self.known:
            self.names[stem] += 1
            name = f"{stem}{self.names[stem]}"
            self.known[stem, body] = name
            self.classes.append(body.replace("class @(", f"class {name}(", 1))
        return self.known[stem, body]

    def write_class(self, name: str, row: tuple[Placed, ...], title: str) -> str:
        return _Class(self).write(name, row, title)


class _Class:
    """One class: what its constructor makes, and what its `forward` does."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.made: list[str] = []
        self.done: list[str] = []
        self.counts: Counter[str] = Counter()
        self.letters = (f"{letter}{number or ''}" for number in itertools.count() for letter in "abcdefghijklmn")
        self.pools: list[tuple[str, str, str]] = []
        self.heads: list[str] = []
        self.tapped = False

    def write(self, name: str, row: tuple[Placed, ...], title: str) -> str:
        result = self.add_row(row, "x", "x", "")
        if self.heads:
            self.done += ["if self.training:", f"    return {', '.join([result, *self.heads])}"]
        said = [f'    """{title}"""', ""] if title else []
        lines = [f"class {name}(nn.Module):", *said, "    def __init__(self):", "        super().__init__()"]
        lines += [f"        {line}" for line in self.made]
        lines += ["", "    def forward(self, x):", *(f"        {line}" for line in self.done)]
        return "\n".join([*lines, f"        return {result}", ""])

    def add_row(self, row: tuple[Placed, ...], source: str, target: str, indent: str) -> str:
        """Write a row that reads `source`, its results in `target`; give what holds its result."""
        for placed, made in self.gather(row):
            source = self.add_part(placed, made, source, target, indent)
        return source

    def gather(self, row: tuple[Placed, ...]) -> Iterator[tuple[Placed, str]]:
        """Each part; those in a row that are one class are one, with what makes them."""
        classes = [self.source.find_class(each) if self.is_class(each) else None for each in row]
        for (name, _), found in itertools.groupby(
            zip(classes, row, strict=True), key=lambda pair: (pair[0], None if pair[0] else id(pair[1]))
        ):
            parts = [placed for _, placed in found]
            if name is None:
                yield from ((placed, "") for placed in parts)
            else:
                calls = ", ".join([f"{name}()"] * len(parts))
                yield parts[0], f"nn.Sequential({calls})" if len(parts) > 1 else calls

    def is_class(self, placed: Placed) -> bool:
        return isinstance(placed.part, Piece) and not self.source.inline

    def add_part(self, placed: Placed, made: str, source: str, target: str, indent: str) -> str:
        if isinstance(placed.part, Branches):
            return self.add_branches(placed, source, target, indent)
        if isinstance(placed.part, Piece) and self.source.inline:
            return self.add_row(placed.rows[0], source, target, indent)
        if isinstance(placed.part, Piece):
            return self.add_call(placed.word, made, source, target, indent)
        if placed.word == "taps":
            self.done.append(f"{indent}{target} = taps")
            self.tapped = False
            return target
        return self.add_layer(placed, placed.part, source, target, indent)

    def add_call(self, word: str, made: str, source: str, target: str, indent: str) -> str:
        self.counts[word] += 1
        name = f"{word}{'_' if word[-1].isdigit() else ''}{self.counts[word]}"
        name += "_" if keyword.iskeyword(name) else ""
        self.made.append(f"self.{name} = {made}")
        self.done.append(f"{indent}{target} = self.{name}({source})")
        return target

    def add_layer(self, placed: Placed, layer: Plain, source: str, target: str, indent: str) -> str:
        if layer.undone:
            return self.add_pool(placed, layer, source, target, indent)
        if layer.word == "unpool":
            size, shape, places = self.pools.pop()
            axes = len(placed.output) - 1
            self.done.append(f"{indent}{target} = F.max_unpool{axes}d({source}, {places}, {size}, output_size={shape})")
            return target
        with torch.device("meta"):
            spelled = spell(LAYERS[layer.word].make(layer, placed.input))
        if spelled is None:
            return self.add_call(layer.word, _build(layer, placed.input), source, target, indent)
        self.source.parts |= {*spelled.parts}
        return self.add_call(layer.word, spelled.text, source, target, indent)

    def add_pool(self, placed: Placed, layer: Plain, source: str, target: str, indent: str) -> str:
        """A pool whose places are kept for the unpool that undoes it."""
        stride = layer.stride or layer.size
        if stride != layer.size or layer.options:
            found = f"`{layer}` has windows that overlap, or padding"
            raise InputError(f"{found}, which torch's own unpooling can't undo. Use striate.build")
        size, places = ", ".join(map(str, layer.size)), next(self.letters)
        size = size if len(layer.size) == 1 else f"({size})"
        axes = len(placed.output) - 1
        self.done.append(f"{indent}{target}, {places} = F.max_pool{axes}d({source}, {size}, return_indices=True)")
        self.pools.append((size, str(tuple(placed.input[1:])), places))
        return target

    def add_branches(self, placed: Placed, source: str, target: str, indent: str) -> str:
        if placed.word == "aux":
            head = next(self.letters)
            self.done.append(f"{indent}if self.training:")
            result = self.add_row(placed.rows[0], source, head, indent + "    ")
            self.heads.append(result)
            return source
        results = [self.add_row(row, source, next(self.letters) if row else source, indent) for row in placed.rows]
        if placed.word == "tap":
            self.done.append(f"{indent}taps = " + (f"taps + {results[0]}" if self.tapped else results[0]))
            self.tapped = True
            return source
        sign = {"add": " + ", "mul": " * "}.get(placed.word)
        joined = sign.join(results) if sign else f"torch.cat([{', '.join(results)}], dim=1)"
        self.done.append(f"{indent}{target} = {joined}")
        return target


def _build(layer: Plain, shape: tuple[int, ...]) -> str:
    """A layer that Striate builds from its text."""
    said = (
        str(layer)
        if "bias" in layer.options or layer.bias or "bias" not in LAYERS[layer.word].options
        else f"{layer} bias=no"
    )
    return f'build("{said}", input={tuple(shape)})[0]'
