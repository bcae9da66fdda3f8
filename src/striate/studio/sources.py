"""What the Understand view looks at: a run or a fresh network, and the input that goes through it.

Nothing of it is a path of the page's: runs and files go by handle, a network by its text or its name in the zoo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.studio.readings import read_at_size, read_for_run
from striate.studio.routes.route import read_shape, read_text, read_whole
from striate.studio.session import Session

if TYPE_CHECKING:
    from torch import nn

    from striate.nets import Net
    from striate.verbs import Run

Body = Mapping[str, Any]
MOST_NUMBERS = 1 << 16  # typed by hand
MOST_WEIGHTS = 1 << 29  # drawn anew for a text: 2 GiB of them
MOST_CELLS = 1 << 26  # of an input that is drawn
NAMES = {
    "image": "your picture",
    "sound": "your sound",
    "clip": "your clip",
    "array": "your array",
    "text": "your text",
}


@dataclass(frozen=True, eq=False)
class Subject:
    """A network to look at; with the run that it is of, if it is of one."""

    name: str
    shape: tuple[int, ...]
    module: nn.Module
    run: Run | None = None


def read_subject(session: Session, body: Body) -> Subject:
    """A run by its handle, or a text's network with weights drawn from a seed."""
    from striate import verbs

    if body.get("subject") is not None:
        folder: Path = session.handles.take("subject", body["subject"])
        run = verbs.load(folder)
        return Subject(folder.name, run.input, run.module, run)
    net, given = read_net(read_text(body, "text")), read_shape(body, "input")
    classes, seed = read_whole(body, "classes", 1, 100_000), read_whole(body, "seed", 0, 1 << 31) or 0
    shape = given if given is not None else net.input
    if shape is None:
        raise InputError("the text has no input line: give the input's channels and extents")
    _check_weights(net.text, tuple(shape), classes)
    return Subject("fresh weights", tuple(shape), verbs.build(net, input=tuple(shape), classes=classes, seed=seed))


def _check_weights(text: str, shape: tuple[int, ...], classes: int | None) -> None:
    """Refuse what memory may not hold, before it is asked for. What is wrong with the text, the build says."""
    from striate.verbs.sketching import sketch

    weights = sketch(text, shape, classes).parameters
    if weights > MOST_WEIGHTS:
        raise InputError(f"the network: it has {weights:,} weights, of which {MOST_WEIGHTS:,} are drawn at most here")


def read_net(text: str) -> Net:
    """A network by its zoo name or its text: never by a path, and without weights that would have to be fetched.

    Raises:  InputError, as `parse`, and for a backbone.
    """
    from striate.nets import parse
    from striate.nets.editing import find_places
    from striate.nets.lookup import find_net, list_zoo
    from striate.nets.tree import Name, Option
    from striate.nets.vocabulary import BACKBONES

    net = find_net(text) if text in list_zoo() else parse(text)
    drawn = Option("weights", (Name("no"),))
    if any(each.word in BACKBONES and drawn not in each.options for each in find_places(net)[0].values()):
        raise InputError(
            "a backbone comes with its library's trained weights, which the studio doesn't fetch: write weights=no"
        )
    return net


def read_source(session: Session, source: Any, shape: tuple[int, ...], run: Run | None = None) -> tuple[Any, str]:
    """The input that is asked for: an array for a run to normalise, else a tensor as it goes in; and what it is.

    A file goes into a run as `predict` would read it.
    Raises:  InputError and DataError for what the network can't take.
    """
    import torch

    from striate.verbs.spelling import scale_values, take_digit
    from striate.verbs.wording import read_texts

    given = source if isinstance(source, dict) else {}
    kind = given.get("kind")
    if kind == "digit":
        values, digit = take_digit(read_whole(given, "index", 0, 100_000) or 0, shape)
        return (scale_values(values, shape) if run is None else values), f"a {digit}"
    if kind == "numbers":
        return torch.from_numpy(_read_numbers(given.get("values"), shape))[None], "numbers as they go in"
    if kind == "text":
        if run is None:
            raise InputError("a text goes into a run that was trained on words. Choose such a run")
        text = read_text(given, "text").strip()
        return read_texts(run, [text])[0], f"“{text[:60]}{'…' if len(text) > 60 else ''}”"
    if kind == "upload":
        upload = session.handles.take("input", given.get("input"))
        uploads = session.uploads
        if run is None:
            return read_at_size(upload, uploads, shape), NAMES[upload.kind]
        return read_for_run(run, upload, uploads), NAMES[upload.kind]
    if prod(shape) > MOST_CELLS:
        raise InputError(f"noise: the network takes {prod(shape):,} numbers, of which {MOST_CELLS:,} are drawn at most")
    generator = torch.Generator().manual_seed(read_whole(given, "seed", 0, 1 << 31) or 0)
    return torch.randn(1, *shape, generator=generator), "noise, normally distributed"


def _read_numbers(values: Any, shape: tuple[int, ...]) -> Any:
    """Numbers that were typed, row by row.

    Raises:  InputError for others than the network takes.
    """
    import numpy as np

    count = prod(shape)
    fine = isinstance(values, list) and all(isinstance(each, int | float) and abs(each) < 1e30 for each in values)
    if not fine or len(values) != count or count > MOST_NUMBERS:
        raise InputError(f"numbers: needed {count:,} of them, at most {MOST_NUMBERS:,}")
    return np.array(values, np.float32).reshape(shape)
