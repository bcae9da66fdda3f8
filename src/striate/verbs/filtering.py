"""filter: a kernel, classical or trained, slid over a picture, a sound or an array."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.nets import write_shape
from striate.verbs.runs import Run, load
from striate.verbs.wording import refuse_symbols

if TYPE_CHECKING:
    from torch import Tensor, nn

    from striate.explain.convolving.classical import Kernel
    from striate.explain.convolving.filters import Filtered
    from striate.explain.convolving.sums import Summed

MOST_PIXELS = 1 << 23  # 8 megapixels: the picture, its channels and each result lie in memory as floats
MOST_VALUES = 1 << 26


@dataclass(frozen=True)
class Source:
    """An input [channels, *extents] from 0 to 1 (a sound: -1 to 1), and what is to be known of it."""

    name: str
    values: Tensor
    rate: int | None = None
    notes: tuple[str, ...] = ()


def filter(  # noqa: A001 - the command's name
    source: Any,
    kernel: Any = "blur",
    *,
    size: int | None = None,
    pad: str = "zero",
    rate: int | None = None,
    run: Run | str | Path | nn.Module | None = None,
    layer: str | None = None,
    unit: int | None = None,
) -> Filtered | Summed:
    """Slide a kernel over every channel of an input, as a convolution layer does: without flipping it.

    `source` is the path of a picture or a sound, at its own size, or an array [channels, *extents] (uint8, or floats)
    of any number of axes. `kernel` is blur, sharpen, emboss, edge, sobel-x, sobel-y, sobel-z or laplacian, with `size`
    cells along each axis; or numbers, as a text "[[0,1],[1,0]]", as lists or an array; or a list of such. `pad` says
    what lies beyond the border: zero, reflect, replicate, circular, or valid for no border at all.

    With `run` and `layer` (or a kernel written RUN:layer:unit) the kernels are a trained layer's: the input, normalised
    as the run's are, goes as far as the layer, and what it makes of it is taken apart, channel by channel. `run` may be
    any module, which gets the values from 0 to 1 as they are.

    Cost:    cells x channels x the kernel's cells multiplies.
    Raises:  InputError for an unknown kernel, one with other axes than the input's, and a layer that is no convolution;
             DataError for a file that can't be read.

    >>> done = filter([[0.0, 1.0, 4.0, 9.0]], "sobel-x")
    >>> done.applied[0].after.tolist()
    [[1.0, 4.0, 8.0, -4.0]]
    """
    from striate.explain.convolving.filters import filter_channels

    run, layer, unit = _find_trained(kernel, run, layer, unit)
    if run is not None:
        return _filter_trained(source, run, layer, unit, rate)
    found = _read_source(source, rate)
    kernels = [_make(each, found.values.ndim - 1, size) for each in _list_kernels(kernel)]
    return filter_channels(found.name, found.values, kernels, pad, found.rate, found.notes)


def _list_kernels(kernel: Any) -> list[Any]:
    """One kernel, or several: a list of texts or of arrays is several, a list of numbers or of lists is one."""
    if isinstance(kernel, list | tuple) and kernel and not isinstance(kernel[0], int | float | list | tuple):
        return list(kernel)
    return [kernel]


def _make(kernel: Any, axes: int, size: int | None) -> Kernel:
    import torch

    from striate.explain.convolving.classical import Kernel, check_kernel, make_kernel, read_kernel

    if isinstance(kernel, Kernel):
        return check_kernel(kernel.values, axes, kernel.name)
    if isinstance(kernel, str) and not kernel.strip().startswith("["):
        return make_kernel(kernel, axes, size)
    if size is not None:
        raise InputError("size: found it beside a kernel of numbers, which has its own. Leave it out")
    if isinstance(kernel, str):
        return read_kernel(kernel, axes)
    try:
        numbers = kernel if isinstance(kernel, list | tuple) else torch.as_tensor(kernel)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"kernel: found a {type(kernel).__name__}, needed a name or numbers") from None
    return check_kernel(numbers, axes, "by hand")


def _find_trained(
    kernel: Any, run: Any, layer: str | None, unit: int | None
) -> tuple[Run | nn.Module | None, str | None, int | None]:
    """The run and layer that are named, also as a kernel written RUN:layer:unit; None where the kernel is no run's."""
    named = [each for each in _list_kernels(kernel) if isinstance(each, str) and _is_trained(each)]
    if run is None and named:
        if len(_list_kernels(kernel)) > 1 or layer is not None:
            raise InputError(f"kernel: found {named[0]} beside others, needed it alone. Ask for the others apart")
        run, layer, unit = _split_trained(named[0])
    if run is None:
        if layer is not None or unit is not None:
            raise InputError("layer: found one without a run, needed both. Name the run too")
        return None, None, None
    return (load(run) if isinstance(run, str | Path) else run), layer, unit


def _is_trained(kernel: str) -> bool:
    return ":" in kernel and not kernel.strip().startswith("[")


def _split_trained(kernel: str) -> tuple[str, str, int | None]:
    """RUN:layer or RUN:layer:unit; a path may have colons of its own.

    >>> _split_trained("c:/runs/a:conv1:3"), _split_trained("runs/a:conv1")
    (('c:/runs/a', 'conv1', 3), ('runs/a', 'conv1', None))
    """
    path, _, last = kernel.rpartition(":")
    if not last.isdecimal() or ":" not in path:
        return path, last, None
    path, _, layer = path.rpartition(":")
    return path, layer, int(last)


def _filter_trained(source: Any, run: Run | nn.Module, layer: str | None, unit: int | None, rate: int | None) -> Summed:
    """What a trained layer makes of the input, at the input's own size."""
    import torch

    from striate.explain.convolving.banks import find_banks
    from striate.explain.convolving.sums import sum_units

    if isinstance(run, Run):
        refuse_symbols(run, "filter", "explore maps")
    module, channels = (run.module, run.input[0]) if isinstance(run, Run) else (run, None)
    found = _read_source(source, rate, channels)
    chosen = layer or next((path for path in find_banks(module) if path), None)
    if chosen is None:
        raise InputError("layer: found no convolution in the network, needed one. Filter with another network")
    inputs = found.values
    if isinstance(run, Run):
        if inputs.ndim != len(run.input) or len(inputs) != run.input[0]:
            found_shape, needed = write_shape(tuple(inputs.shape)), write_shape(run.input)
            raise InputError(f"{found.name}: found {found_shape}, the run takes {needed}. Give such a one, of any size")
        shape = (-1, *[1] * (inputs.ndim - 1))
        mean, std = (torch.tensor(each).reshape(shape) for each in (run.recipe.mean, run.recipe.std))
        inputs = (inputs - mean) / std
    about = {"name": found.name, "before": found.values, "rate": found.rate, "notes": found.notes}
    return sum_units(module, chosen, inputs, unit, **about)  # type: ignore[arg-type]


def _read_source(source: Any, rate: int | None = None, channels: int | None = None) -> Source:
    """A picture's or a sound's values, or an array's."""
    import torch

    from striate.data.picture import read_picture
    from striate.data.sound import is_sound, read_sound
    from striate.data.store import shown

    if not isinstance(source, str | Path):
        return _read_array(source, rate)
    name = shown(str(source))
    if is_sound(source):
        samples, found = read_sound(source)
        return Source(name, torch.from_numpy(samples), found)
    if channels not in (None, 1, 3):
        raise InputError(f"{name}: the run takes {channels} channels, which no picture has. Give an array")
    photo = read_picture(source, channels, MOST_PIXELS)
    before, after = (write_shape(tuple(extents)) for extents in (photo.stored, photo.pixels.shape[1:]))
    note = f"The picture of {before} was scaled down to {after} first."
    values = torch.from_numpy(photo.pixels.astype("float32") / 255)
    return Source(name, values, None, (note,) if photo.is_reduced else ())


def _read_array(source: Any, rate: int | None) -> Source:
    """An array or a tensor [channels, *extents]: bytes from 0 to 255 become 0 to 1, floats stay."""
    import numpy as np
    import torch

    values = source.detach().cpu() if isinstance(source, torch.Tensor) else np.asarray(source)
    kind = str(values.dtype).rpartition(".")[2]
    if values.ndim < 2 or not 0 < np.prod(values.shape) <= MOST_VALUES:
        found = write_shape(tuple(values.shape)) or "a single number"
        raise DataError(f"input: found {found}, needed channels x extents, and at most {MOST_VALUES:,} values")
    if kind == "uint8":
        return Source("input", torch.as_tensor(values) / 255, rate)
    if not kind.startswith(("float", "bfloat")):
        raise DataError(f"input: found values of type {kind}, needed uint8, or floats. Convert them")
    found_values = torch.as_tensor(np.asarray(values, np.float64) if kind == "float16" else values)
    kept = found_values if kind == "float64" else found_values.float()
    if not bool(torch.isfinite(kept).all()):
        raise DataError("input: found NaN or infinity, needed finite values. Leave them out")
    return Source("input", kept, rate)
