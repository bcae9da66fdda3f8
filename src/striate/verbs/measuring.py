"""measure: what a network costs and sees, before it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from striate.errors import InputError
from striate.nets import Net
from striate.verbs.networks import read
from striate.verbs.runs import Run, load

if TYPE_CHECKING:
    from torch import nn

    from striate.measure.inputs import Given
    from striate.measure.measurement import Precision
    from striate.measure.scratch import Optimizer
    from striate.measure.table import Table


def measure(
    network: nn.Module | Net | Run | str | Path,
    input: Given | None = None,
    batch: int = 1,
    classes: int | None = None,
    *,
    backward: bool = True,
    optimizer: Optimizer = "momentum",
    precision: Precision = "fp32",
) -> Table:
    """Measure a module, a run, or a network by its zoo name, file or text: shapes, multiplies, memory, receptive field.

    Nothing is computed and no memory taken; the module is left as it was. `input` is channels x extents without the
    batch, or a tensor; several in a list, keyword inputs in a dict. Left out, a text's own `input` line counts.
    `classes` is needed only where the text says so. `backward`, `optimizer` and `precision` ask about training.

    Raises:  InputError, in one line, where the network can't be run so.

    >>> table = measure("lenet5", classes=10)
    >>> table.parameters, table.multiplies, table.find_row("conv2").field.size
    (61706, 416520, (14, 14))
    """
    from striate.measure.measurement import measure as measure_module

    found = read_network(network) if isinstance(network, str | Path) else network
    settled = settle_run(found, input, classes) if isinstance(found, Run) else (found, input, classes)
    module, given = make_measurable(*settled)
    return measure_module(
        module,
        given,
        batch,
        backward=backward,
        optimizer=optimizer,
        precision=precision,
        network=Path(found.source).stem
        if isinstance(found, Net)
        else found.path.name
        if isinstance(found, Run)
        else "",
    )


def read_network(name: str | Path) -> Net | Run:
    """Read what a name stands for: a run's folder, or a network as `read` finds it.

    Raises:  InputError if it is neither.
    """
    try:
        is_run = (Path(name) / "net.txt").is_file()
    except OSError:  # a text that is too long for a path
        is_run = False
    return load(name) if is_run else read(name)


def settle_run(run: Run, input: Given | None = None, classes: int | None = None) -> tuple[Net, Given, int]:
    """A run's network, with the run's own input and number of classes unless others are given."""
    return run.net, run.input if input is None else input, len(run.classes) if classes is None else classes


def make_measurable(
    network: nn.Module | Net, input: Given | None = None, classes: int | None = None
) -> tuple[nn.Module, Given]:
    """The module to trace, without memory where it is built from a text, and its input.

    Raises:  InputError for a module without an input; NotationError where a text can't be built.
    """
    if not isinstance(network, Net):
        return network, _demand(network, input)
    from striate.nets.build import make_module

    shape = _take_shape(network, input)
    module = make_module(network, shape, classes, device="meta")
    return module, network.input or () if input is None else input


def _demand(module: object, input: Given | None) -> Given:
    """A module says nothing about its input."""
    from torch import nn

    if not isinstance(module, nn.Module):
        found = f"measure: found {type(module).__name__}, needed a torch.nn.Module, or a network's name, file or text"
        raise InputError(f"{found}. Give one")
    if input is None:
        found = f"{type(module).__name__}: found no input, needed its shape without the batch"
        raise InputError(f"{found}. Give input=(3, 224, 224), or --input 3x224x224")
    return input


def _take_shape(net: Net, input: Given | None) -> tuple[int, ...] | None:
    """A text has one input: a shape, or a tensor that has it behind its batch."""
    if input is None:
        return None
    given = input if isinstance(input, Sequence) else getattr(input, "shape", (0,))[1:]
    shape = tuple(given)
    if not shape or not all(isinstance(cells, int) and cells > 0 for cells in shape):
        found = f"{net.source}: found {input!r} as its input, needed one shape of whole numbers from 1"
        raise InputError(f"{found}. Give one, such as (3, 224, 224)")
    return shape
