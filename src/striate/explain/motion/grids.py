"""Where the maps of each layer stand over the input, and what they hold after a pass."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.hooks import list_calls, watch
from striate.explain.motion.motions import Grid
from striate.explain.question import scores_of
from striate.measure.measurement import measure
from striate.measure.row import Row

OUTPUT = "output"
SILENT = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.Identity)


def list_maps(module: nn.Module, inputs: Tensor) -> list[str]:
    """The layers whose output has spatial extent, in the order of a pass; what does nothing in eval mode is left out.

    >>> import torch
    >>> list_maps(nn.Sequential(nn.Conv1d(1, 2, 3), nn.Flatten(), nn.Linear(8, 2)), torch.zeros(1, 1, 6))
    ['0']
    """
    with list_calls(module) as calls:
        module(inputs)
    inner = {path for path, part in module.named_modules() if next(part.children(), None) is not None}
    found: dict[str, None] = {}
    for path, part, shape in calls:
        spatial = isinstance(shape, tuple) and len(shape) == inputs.ndim and max(shape[2:], default=1) > 1
        if spatial and path not in inner and not isinstance(part, SILENT):
            found[path] = None
    return list(found)


def observe(module: nn.Module, inputs: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
    """What each layer puts out for these inputs, `OUTPUT` the network itself; of several calls the last."""
    with watch(module, [layer for layer in layers if layer != OUTPUT]) as seen:
        output = module(inputs)
    main = output[0] if isinstance(output, tuple | list) else output
    if not isinstance(main, Tensor):
        main = scores_of(module, inputs)  # says what is wrong
    missing = [layer for layer in layers if layer != OUTPUT and layer not in seen]
    if missing:
        raise InputError(f"layer {missing[0]}: is not run in a pass. Name another")
    return {**seen, OUTPUT: main}


def locate_grids(
    module: nn.Module, inputs: Tensor, layers: Sequence[str]
) -> tuple[dict[str, Grid | None], tuple[str, ...]]:
    """Where the cells of each layer's maps stand over the input (None without spatial extent), and what to know of it.

    A cell stands in the middle of its receptive field. Where that isn't known, or is the whole input, the cells are
    taken to span the input evenly.
    """
    maps = observe(module, inputs, layers)
    rows, notes = _measure(module, inputs)
    grids: dict[str, Grid | None] = {}
    for layer in layers:
        shape = tuple(maps[layer].shape[1:])
        spatial = len(shape) == inputs.ndim - 1 and max(shape[1:], default=1) > 1
        named = [row for row in rows if layer in (row.name, OUTPUT) and row.output == shape]
        grids[layer] = _locate(named[-1] if named else None, shape, tuple(inputs.shape[2:])) if spatial else None
    return grids, notes


def _measure(module: nn.Module, inputs: Tensor) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    try:
        return measure(module, tuple(inputs.shape[1:]), backward=False).rows, ()
    except InputError as problem:
        note = f"Where cells stand over the input wasn't found ({problem}); they are taken to span it evenly."
        return (), (note,)


def _locate(row: Row | None, shape: tuple[int, ...], extents: tuple[int, ...]) -> Grid:
    field = row.field if row is not None else None
    if field is not None and all(field.step):
        middles = zip(field.offset, field.size, strict=True)
        return Grid(tuple(start + (size - 1) / 2 for start, size in middles), tuple(map(float, field.step)))
    steps = tuple(extent / cells for extent, cells in zip(extents, shape[1:], strict=True))
    return Grid(tuple((step - 1) / 2 for step in steps), steps)
