"""spell: the whole sum behind one cell of one layer, of a run or of any module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.nets import write_shape
from striate.verbs.looking import look_at_run
from striate.verbs.runs import Run, load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from striate.explain.sums import Play, Sum


def spell(subject: Run | str | Path | nn.Module, inputs: Any, layer: str | int, cell: Sequence[int]) -> Sum:
    """Spell out the sum behind a cell (channel, *place) of a layer, down to every product; the network isn't changed.

    A run takes one input as `predict` does: a file, or an array of bytes or of floats from 0 to 1; a module, and a run
    too, takes a tensor [1, channels, *extents] as it goes into it. `layer` is a module's path, or its place among the
    layers.

    Cost:    the network's pass twice, and the memory of all that it makes.
    Raises:  InputError for a layer or cell that there isn't, and for a layer that can't be spelled out, with why.

    >>> import torch
    >>> module = torch.nn.Conv1d(2, 1, 3)
    >>> x = torch.randn(1, 2, 8)
    >>> spelled = spell(module, x, 0, (0, 4))
    >>> len(spelled.terms.products), abs(spelled.total - module(x)[0, 0, 4].item()) < 1e-6
    (6, True)
    """
    from striate.explain.sums import spell_cell

    return spell_cell(watch(subject, inputs), layer, cell)


def watch(subject: Run | str | Path | nn.Module, inputs: Any) -> Play:
    """Run a network on one input and keep every number on the way; arguments and errors as `spell`."""
    from torch import Tensor, nn

    from striate.explain.sums import play

    if isinstance(subject, nn.Module):
        if not isinstance(inputs, Tensor):
            raise InputError(
                f"inputs: found {type(inputs).__name__}, needed a tensor [1, channels, *extents]. Give one"
            )
        return play(subject, _take_one(inputs))
    run = subject if isinstance(subject, Run) else load(subject)
    if isinstance(inputs, Tensor):  # as it goes into the network: nothing is left to normalise
        return play(run.module, _take_one(inputs))
    taken = look_at_run(run, _add_batch(run, inputs), None, 0).inputs
    if taken is None:
        raise InputError("inputs: found none, needed a file or an array. Name one")
    return play(run.module, _take_one(taken))


def take_input(what: str, input: tuple[int, ...], run: Run | None = None, seed: int = 0) -> Any:
    """What goes into a network: `noise`, drawn from the seed, `digit:3` of the bundled ones, or a file by its path.

    A run reads files as its own; for fresh weights pictures, sounds and npy arrays are read at the network's size.
    Raises:  InputError and DataError for what there isn't, or the network can't take.

    >>> take_input("noise", (1, 4)).shape, take_input("digit:3", (1, 8, 8)).shape
    (torch.Size([1, 1, 4]), torch.Size([1, 1, 8, 8]))
    """
    import torch

    name, mark, number = what.partition(":")
    if what == "noise":
        return torch.randn(1, *input, generator=torch.Generator().manual_seed(seed))
    if name == "digit" and mark and number.isdecimal():
        values = take_digit(int(number), input)[0]
        return scale_values(values, input) if run is None else values
    if not Path(what).is_file():
        raise InputError(f"{what}: found no such file, needed a file, digit:N or noise. Name one")
    return scale_values(_read_file(Path(what), input), input) if run is None else what


def _read_file(path: Path, input: tuple[int, ...]) -> NDArray[Any]:
    """A file's numbers at a network's shape: an array's as they are, a sound's first samples, a picture's pixels."""
    import numpy as np

    from striate.data.files import load_files
    from striate.data.sound import read_sound

    ending = path.suffix.lower()
    try:
        if ending == ".npy":
            return np.asarray(np.load(path, allow_pickle=False))
        if ending in (".wav", ".flac", ".ogg", ".mp3"):
            return fit_samples(read_sound(path)[0], input)
    except (OSError, ValueError, EOFError) as problem:
        raise DataError(f"{path}: can't be read ({problem}). Give another") from None
    values, _, aside = load_files([path], extents=input[1:], channels=input[0])
    if aside:
        raise DataError(f"{path}: {aside[0].reason}, needed a picture, a sound or an .npy array. Give another")
    found: NDArray[Any] = values[0]
    return found


def _add_batch(run: Run, inputs: Any) -> Any:
    shape = getattr(inputs, "shape", None)
    return inputs[None] if shape is not None and tuple(shape) == run.input else inputs


def _take_one(inputs: Tensor) -> Tensor:
    if inputs.ndim < 2 or len(inputs) != 1:
        raise InputError(f"inputs: found {'x'.join(map(str, inputs.shape))}, needed one, as a batch of 1. Choose one")
    return inputs


def take_digit(index: int, input: tuple[int, ...]) -> tuple[NDArray[np.uint8], int]:
    """One of the bundled digits at a network's channels and extents, and which digit it is.

    Raises:  InputError for a network that takes no picture, and for a number beyond the last.

    >>> pixels, digit = take_digit(3, (1, 8, 8))
    >>> pixels.shape, digit
    ((1, 8, 8), 3)
    """
    from striate.data.names import read_digits
    from striate.data.pool import Request

    if len(input) != 3 or input[0] not in (1, 3):
        raise InputError(f"digits: the network takes {write_shape(input)}, needed a picture of 1 or 3 channels")
    pool = read_digits(Request(extents=input[1:], channels=input[0]))
    if not 0 <= index < len(pool.labels):
        raise InputError(f"digit: found {index}, needed 0 to {len(pool.labels) - 1}")
    pixels: NDArray[np.uint8] = pool.inputs[index]
    return pixels, int(pool.labels[index])


def scale_values(values: NDArray[Any], input: tuple[int, ...]) -> Tensor:
    """Values [channels, *extents] as a fresh network takes them: bytes as 0 to 1, int16 as -1 to 1, else as they are.

    Raises:  InputError for another shape.

    >>> import numpy as np
    >>> scale_values(np.array([[0, 255]], np.uint8), (1, 2))
    tensor([[[0., 1.]]])
    """
    import numpy as np
    import torch

    if tuple(values.shape) != tuple(input):
        raise InputError(f"input: found {'x'.join(map(str, values.shape))}, needed {write_shape(input)}")
    if values.dtype.kind not in "fiub":
        raise InputError(f"input: found values of type {values.dtype}, needed numbers")
    divisor = {np.dtype(np.uint8): 255.0, np.dtype(np.int16): 32768.0}.get(values.dtype, 1.0)
    return torch.from_numpy(np.ascontiguousarray(values, np.float32) / np.float32(divisor))[None]


def fit_samples(values: NDArray[Any], input: tuple[int, ...]) -> NDArray[Any]:
    """A sound or clip [channels, *extents] at a network's shape: the first samples, silence where they end.

    Of a clip's frames and pixels those nearest to an even spread are taken.
    Raises:  InputError for another number of axes.

    >>> import numpy as np
    >>> fit_samples(np.ones((2, 3), np.float32), (1, 5)).tolist()
    [[1.0, 1.0, 1.0, 0.0, 0.0]]
    """
    import numpy as np

    if values.ndim != len(input):
        raise InputError(
            f"input: found {values.ndim - 1} axes, needed {len(input) - 1}. Choose another file or network"
        )
    if len(values) != input[0]:
        mixed = values.mean(0, keepdims=True).astype(values.dtype)
        values = np.repeat(mixed, input[0], 0)
    if len(input) == 2:
        cut = values[:, : input[1]]
        return np.pad(cut, ((0, 0), (0, input[1] - cut.shape[1])))
    for axis, (found, wanted) in enumerate(zip(values.shape[1:], input[1:], strict=True), 1):
        values = values.take(np.linspace(0, found - 1, wanted).round().astype(int), axis)
    return values
