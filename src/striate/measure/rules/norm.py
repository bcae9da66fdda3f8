"""Normalisation by batch, layer, group, instance and root mean square, and of weights. All are free.

A cell reads itself, and the cells that the statistics are taken over: two sources, so that who asks what a cell sees
besides its statistics can tell them apart. Batch normalisation that keeps running statistics reads its own cell alone,
in training too: those statistics are what it will work with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Reach, Same, Sources, Whole
from striate.measure.rules.arguments import find_argument
from striate.measure.rules.rule import Rule, read_everything, spread


def read_batch_norm(operation: Operation, output: int = 0) -> Sources:
    """Its own cell; and all cells of its channel, where it has no running statistics or stands for instance norm.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2.
    """
    value: Value = operation.arguments[0]
    if output:
        return [(value, _pick(value, {1: Same(0)}))]
    sources: Sources = [(value, _keep(value))]
    if takes_statistics(operation):
        sources.append((value, _pick(value, {1: Same(1)})))
    return [*sources, *((state, (Same(1),)) for state in list(operation.inputs)[1:])]


def takes_statistics(operation: Operation) -> bool:
    """Whether the answer hangs on other cells, not in training alone."""
    training = operation.name in ALWAYS or bool(find_argument(operation, "training"))
    return training and (is_instance_norm(operation) or not isinstance(find_argument(operation, "running_mean"), Value))


def is_instance_norm(operation: Operation) -> bool:
    """Whether this is how torch normalises instances: as one whose channels are those of all samples.

    Source: Ulyanov et al. 2016, arXiv:1607.08022, equation 4.
    """
    value: Value = operation.arguments[0]
    maker = value.maker
    if maker is None or maker.name != "view" or value.shape[0] != 1:
        return False
    batch, *rest = maker.arguments[0].shape
    return len(rest) + 1 == len(value.shape) and value.shape == (1, batch * rest[0], *rest[1:])


def name_batch_norm(operation: Operation) -> str:
    """The notation's bn, or in."""
    return "in" if is_instance_norm(operation) else "bn"


def read_layer_norm(operation: Operation, output: int = 0) -> Sources:
    """Its own cell, and the last axes whole; the mean and the deviation read these alone.

    Source: Ba et al. 2016, arXiv:1607.06450, equation 4.
    """
    value: Value = operation.arguments[0]
    first = len(value.shape) - len(find_argument(operation, "normalized_shape"))
    statistics = (value, _pick(value, {axis: Same(axis) for axis in range(first)}))
    if output:
        return [statistics]
    shape = operation.outputs[0].shape
    return [(value, _keep(value)), statistics, *_read_state(list(operation.inputs)[1:], shape)]


def _read_state(states: Iterable[Value], shape: tuple[int, ...]) -> Iterator[tuple[Value, Reach]]:
    return ((state, spread(state, shape)) for state in states)


def read_group_norm(operation: Operation, output: int = 0) -> Sources:
    """Its own cell, and all of its group's channels.

    Source: Wu and He 2018, arXiv:1803.08494, equation 4.
    """
    value, groups = operation.arguments[0], find_argument(operation, "group")
    if output:
        return [(value, _pick(value, {0: Same(0), 1: _list_group(value.shape[1], groups, each=False)}))]
    statistics = _pick(value, {0: Same(0), 1: _list_group(value.shape[1], groups)})
    return [(value, _keep(value)), (value, statistics), *((state, (Same(1),)) for state in list(operation.inputs)[1:])]


def _list_group(channels: int, groups: int, each: bool = True) -> Axis:
    """The channels of a channel's group; or, not for `each` channel but for each group, its channels."""
    if groups == 1:
        return Whole()
    size = channels // groups
    members = [tuple(range(group * size, (group + 1) * size)) for group in range(groups)]
    return Listed(1, tuple(members[channel // size] for channel in range(channels)) if each else tuple(members))


def read_weight_norm(operation: Operation, output: int = 0) -> Sources:
    """A weight over its norm along all axes but one, times a scale.

    Source: Salimans and Kingma 2016, arXiv:1602.07868, equation 2.
    """
    value, scale = operation.arguments[:2]
    dim = find_argument(operation, "dim") % len(value.shape)
    norm = (value, _pick(value, {dim: Same(dim)}))
    return [norm] if output else [(value, _keep(value)), norm, *_read_state([scale], value.shape)]


def _keep(value: Value) -> Reach:
    return tuple(map(Same, range(len(value.shape))))


def _pick(value: Value, kept: dict[int, Axis]) -> Reach:
    """The axes that are not kept are read whole."""
    return tuple(kept.get(axis, Whole()) for axis in range(len(value.shape)))


ALWAYS = ("_batch_norm_with_update", "_batch_norm_with_update_functional")
"""Variants without an argument `training` that train."""
BATCH = (
    *ALWAYS,
    "native_batch_norm",
    "_native_batch_norm_legit",
    "_native_batch_norm_legit_functional",
    "_native_batch_norm_legit_no_training",
    "_batch_norm_no_update",
    "cudnn_batch_norm",
    "miopen_batch_norm",
)
GRADIENTS = (
    "native_batch_norm_backward cudnn_batch_norm_backward miopen_batch_norm_backward batch_norm_backward "
    "native_layer_norm_backward native_group_norm_backward _fused_rms_norm_backward _weight_norm_interface_backward"
)

RULES = {
    **dict.fromkeys(BATCH, Rule(name_batch_norm, read_batch_norm)),
    "native_layer_norm": Rule("ln", read_layer_norm),
    "_fused_rms_norm": Rule("rms", read_layer_norm),
    "native_group_norm": Rule("gn", read_group_norm),
    "_weight_norm_interface": Rule("weightnorm", read_weight_norm),
    **dict.fromkeys(GRADIENTS.split(), Rule("gradient", read_everything)),
}
