"""change: one number of a layer set in the text, by a slider say; comments, lines and everything else stay.

Within a definition or a repetition a place of the text stands for several layers: all of them change, and the page says
how many. What a definition's argument settles is changed where the definition is put in place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from striate.errors import InputError
from striate.nets.editing import edit, find_places
from striate.nets.forms import write_example
from striate.nets.layout import lay_out
from striate.nets.notation import parse
from striate.nets.tree import Layer, Option, Value
from striate.nets.vocabulary import LAYERS
from striate.nets.words.word import Shape, write_shape
from striate.verbs.sketching import read_text

POOLS = frozenset({"maxpool", "avgpool"})
SILENT = {"stride": "1", "pad": "same", "dilation": "1", "groups": "1", "bias": "yes"}
"""What holds where the text says nothing; a pool's stride is its size, its padding 0."""
MOST = {"size": 15, "stride": 8, "dilation": 16, "groups": 64, "channels": 1024, "pad": 8}
PARTS = {"size": "kernel", "channels": "channels", "stride": "stride", "pad": "padding", "dilation": "dilation"}


@dataclass(frozen=True)
class Control:
    """One thing of a layer that can be set: its value as text, and for a number its limits.

    `settled` says why it can't: an argument or an expression gives it. `choices` are words that may stand there too.
    """

    option: str
    name: str
    value: str
    least: int
    most: int
    choices: tuple[str, ...] = ()
    settled: str = ""


def list_controls(text: str, at: int) -> tuple[Control, ...]:
    """What can be set of the layer that begins at this offset; none where no layer does.

    >>> [(each.option, each.value) for each in list_controls("conv3-8/2, relu", 0)]
    [('size', '3'), ('channels', '8'), ('stride', '2'), ('pad', 'same'), ('dilation', '1')]
    """
    layer = find_places(read_text(text))[0].get(at)
    if layer is None:
        return ()
    word = LAYERS[layer.word]
    parts = [option for option in ("size", "channels", "stride") if getattr(word, option) != "none"]
    options = [option for option in ("pad", "dilation") if option in word.options]
    return tuple(_make_control(layer, option) for option in (*parts, *options))


def _make_control(layer: Layer, option: str) -> Control:
    values = _find_values(layer, option)
    value = "x".join(_write(each) for each in values) or _find_silent(layer, option)
    settled = "" if all(_is_plain(each) for each in values) else f"{value} comes from an argument"
    least = 0 if option == "pad" else 1
    numbers = [int(number) for number in re.findall(r"\d+", value)] or [least]
    most = max(MOST[option], 2 * max(numbers))
    choices = ("same", "valid", "full", "causal") if option == "pad" and layer.word not in (*POOLS, "crop") else ()
    return Control(option, PARTS[option], value, least, most, choices, settled)


def _find_values(layer: Layer, option: str) -> tuple[Any, ...]:
    if option == "channels":
        return () if layer.channels is None else (layer.channels,)
    if option in ("size", "stride"):
        return tuple(getattr(layer, option))
    return next((given.setting for given in layer.options if given.key == option), ())


def _write(value: Value | tuple[Value, Value]) -> str:
    return ":".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _is_plain(value: object) -> bool:
    parts = value if isinstance(value, tuple) else (value,)
    return all(isinstance(part, int) or str(part) in ("same", "valid", "full", "causal") for part in parts)


def _find_silent(layer: Layer, option: str) -> str:
    if layer.word in POOLS and option in ("stride", "pad"):
        return "0" if option == "pad" else "x".join(map(str, layer.size))
    return "" if option in ("size", "channels") else SILENT[option]


def change(text: str, at: int, option: str, value: str) -> str:
    r"""Set one part or option of the layer that begins at this offset; everything else of the text stays as it is.

    What holds anyway is left out.

    Raises:  InputError where no layer begins there, or it takes no such value.

    >>> change("conv3-8  # the first\nrelu", 0, "stride", "2")
    'conv3-8/2  # the first\nrelu'
    """
    net = read_text(text)
    layer = find_places(net)[0].get(at)
    if layer is None:
        raise InputError("found no layer at this place of the text, needed one. Choose a layer")
    return edit(net, {at: (_set(layer, option, value),)}).text


def _set(layer: Layer, option: str, value: str) -> Layer:
    if option not in PARTS or not re.fullmatch(r"[\w:]{1,80}", value):
        raise InputError(f"{option}: found {value[:40]!r}, needed a number, or one per axis. Choose another")
    silent = value == _find_silent(layer, option)
    if option == "channels":
        return replace(layer, channels=_read_numbers(option, value)[0])
    if option in ("size", "stride"):
        numbers = () if silent and option == "stride" else _read_numbers(option, value)
        return replace(layer, size=numbers) if option == "size" else replace(layer, stride=numbers)
    if silent:
        return replace(layer, options=tuple(given for given in layer.options if given.key != option))
    new = _read_option(layer.word, option, value)
    options = tuple(new if given.key == option else given for given in layer.options)
    return replace(layer, options=options if new in options else (*options, new))


def _read_numbers(option: str, value: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[1-9]\d{0,8}(x[1-9]\d{0,8})*", value):
        raise InputError(f"{option}: found {value[:40]!r}, needed a number from 1, or one per axis. Choose another")
    return tuple(map(int, value.split("x")))


def _read_option(word: str, option: str, value: str) -> Option:
    layer = parse(f"{write_example(word)} {option}={value}").body[0]
    assert isinstance(layer, Layer)
    return layer.options[0]


def set_input(text: str, shape: Shape) -> str:
    r"""Write the input's shape into a text: in place of its `input` line's, or above its first line.

    >>> set_input("# a net\nconv3-8\n", (1, 28, 28))
    '# a net\ninput 1x28x28\nconv3-8\n'
    """
    plain = re.sub(r"#[^\n]*", lambda found: " " * len(found[0]), text)
    start = len(plain) - len(plain.lstrip())
    if found := re.match(r"input[ \t]+([\dx \t]*\d)", plain[start:]):
        return text[: start + found.start(1)] + write_shape(shape) + text[start + found.end(1) :]
    line = text.rfind("\n", 0, start) + 1 if plain.strip() else len(text)
    gap = "\n" if line and text[line - 1] != "\n" else ""
    return f"{text[:line]}{gap}input {write_shape(shape)}\n{text[line:]}"


def switch_axes(shape: Shape, axes: int) -> Shape:
    """Give an input more or fewer axes: its first extents, or its last one again.

    >>> switch_axes((3, 32, 48), 1), switch_axes((1, 100), 3)
    ((3, 32), (1, 100, 100, 100))
    """
    extents = shape[1:] or (32,)
    return (shape[0], *(extents[min(axis, len(extents) - 1)] for axis in range(axes)))


def find_input(text: str) -> Shape | None:
    """The shape that the text's own `input` line says, also while the rest can't be read."""
    try:
        plain = lay_out(text).lstrip()
    except InputError:
        plain = re.sub(r"#[^\n]*", "", text).lstrip()
    found = re.match(r"input\s+(\d{1,9}(?:x\d{1,9}){0,15})\b", plain)
    return tuple(map(int, found[1].split("x"))) if found else None
