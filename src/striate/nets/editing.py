"""Layers replaced in a network's text, everything else left as it was written: comments, lines, definitions.

The same change is made twice, in the tree and in the text; the text counts as changed only if it then reads as the
tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from striate.nets.layout import lay_out
from striate.nets.notation import parse
from striate.nets.tree import Bracket, Group, Item, Layer, Net, Repeat, Sequence, write_sequence
from striate.nets.vocabulary import SIDES

Edits = Mapping[int, Sequence]
"""What stands in place of the layer that begins at this offset: nothing, one item or several."""


def edit(net: Net, edits: Edits) -> Net:
    r"""Replace layers of a network, in its text.

    Raises:  NotationError where a layer can't be taken away, as it stands alone, or a comment stands inside one.

    >>> net = parse("conv3-8, relu  # here\nbn, relu")
    >>> print(edit(net, {9: ()}).text)
    conv3-8  # here
    bn, relu
    """
    expected = _Editor(net, edits).replace_net()
    edited = parse(_write(net, edits), net.source)
    if edited != expected:
        found = "found a place that can't be changed by itself, needed a plainer one"
        raise net.fail(min(edits), f"{found}. Change it by hand")
    return edited


class _Editor:
    """The change made in the tree."""

    def __init__(self, net: Net, edits: Edits) -> None:
        self.net, self.edits = net, edits

    def replace_net(self) -> Net:
        pieces = tuple(
            replace(piece, items=self.replace_items(piece.items, piece.at)) for piece in self.net.definitions
        )
        return replace(self.net, definitions=pieces, body=self.replace_items(self.net.body, 0))

    def replace_items(self, items: Sequence, at: int) -> Sequence:
        """Replace what must not end up empty."""
        found = self.replace_row(items)
        if not found:
            problem = "found no other layer in this piece, needed one. Leave the layer, or take the whole piece away"
            raise self.net.fail(at, problem)
        return found

    def replace_row(self, items: Sequence) -> Sequence:
        return tuple(new for item in items for new in self.replace_item(item))

    def replace_item(self, item: Item) -> Sequence:
        if isinstance(item, Layer):
            return self.edits.get(item.at, (item,))
        if isinstance(item, Repeat):
            inner = self.replace_items((item.item,), item.at)
            return (replace(item, item=inner[0] if len(inner) == 1 else Group(inner)),)
        if isinstance(item, Group):
            return (replace(item, items=self.replace_items(item.items, item.at)),)
        if isinstance(item, Bracket):
            if item.word in SIDES:
                return (replace(item, branches=(self.replace_items(item.branches[0], item.at),)),)
            return (replace(item, branches=tuple(map(self.replace_row, item.branches))),)
        return (item,)


def _write(net: Net, edits: Edits) -> str:
    """The text with every change made, the last one first, so that the places before it stay what they are."""
    layers, repeated = find_places(net)
    text = net.text
    for at in sorted(edits, reverse=True):
        layer = layers[at]
        if "#" in text[at : layer.end]:
            raise net.fail(at, f"found a comment inside `{layer}`, needed it outside. Move it behind the layer")
        items = edits[at]
        if items:
            row = write_sequence(items)
            text = text[:at] + (f"[{row}]" if at in repeated and len(items) > 1 else row) + text[layer.end :]
        else:
            text = _cut(text, at, layer.end)
    return text


def find_places(net: Net) -> tuple[dict[int, Layer], set[int]]:
    """Every layer of the text by its offset, and the offsets of those that a `*` stands right behind."""
    layers: dict[int, Layer] = {}
    repeated: set[int] = set()
    waiting: list[Item] = [*net.body, *(item for piece in net.definitions for item in piece.items)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Layer):
            layers[item.at] = item
        elif isinstance(item, Repeat):
            waiting.append(item.item)
            repeated |= {item.item.at} if isinstance(item.item, Layer) else set()
        elif isinstance(item, Group):
            waiting += item.items
        elif isinstance(item, Bracket):
            waiting += [inner for branch in item.branches for inner in branch]
    return layers, repeated


def _cut(text: str, at: int, end: int) -> str:
    """Take text[at:end] away, with the comma that joined it to its neighbour; a line that is then blank goes too."""
    plain = lay_out(text)
    before, after = len(plain[:at].rstrip(" \t\r")), end + len(plain[end:]) - len(plain[end:].lstrip(" \t\r"))
    joined, followed = plain[before - 1 : before] == ",", plain[after : after + 1] == ","
    if joined and not _breaks(text[before:at]):
        return text[: before - 1].rstrip(" \t") + text[end:]
    if followed:
        text = text[:after] + text[after + 1 :]
        blank = len(text[after:]) - len(text[after:].lstrip(" \t"))
        return _cut_line(text, at, end if _breaks(text[end:after]) else after + blank)
    if joined:
        text = text[: before - 1] + text[before:]
        return _cut_line(text, at - 1, end - 1)
    return _cut_line(text, at, end)


def _breaks(text: str) -> bool:
    """Whether a line end or a comment stands in this part of the text."""
    return "\n" in text or "#" in text


def _cut_line(text: str, at: int, end: int) -> str:
    """Take text[at:end] away, and its line where nothing else stands on it."""
    start = text.rfind("\n", 0, at) + 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    if text[start:at].strip():
        return text[:at] + text[end:]
    if text[end:stop].strip():
        return text[:at] + text[end:].lstrip(" \t")
    return text[:start] + text[stop + 1 :]
