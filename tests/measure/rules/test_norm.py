"""Normalisation against the gradient's support: statistics are read wherever they are taken from the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tests.measure.rules.support import Call, check_known, check_reach, draw, find_kinds
from torch import Tensor, nn

from striate.measure.operation import Operation
from striate.measure.rules.catalogue import find_rule
from striate.measure.trace import trace

ATEN: Any = torch.ops.aten
EXTENTS = (4, 3, 2)
BATCH, INSTANCE = (
    (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d),
    (
        nn.InstanceNorm1d,
        nn.InstanceNorm2d,
        nn.InstanceNorm3d,
    ),
)


def find_normalisation(
    module: nn.Module | Callable[..., Tensor], shape: tuple[int, ...], mode: str = "eval"
) -> Operation:
    """The one operation that normalises; the batch is 2."""
    made = trace(module if isinstance(module, nn.Module) else Call(module), shape, 2, mode=mode)  # type: ignore[arg-type]
    (operation,) = (operation for operation in made.operations if "norm" in operation.name)
    return operation


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_batch_norm_is_transparent_in_eval(axes: int) -> None:
    check_reach(BATCH[axes - 1](3), (2, 3, *EXTENTS[:axes]))


def test_batch_norm_of_features() -> None:
    check_reach(nn.BatchNorm1d(3), (4, 3))
    check_reach(nn.BatchNorm1d(3, track_running_stats=False), (4, 3))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_batch_norm_without_running_statistics_reads_its_channel(axes: int) -> None:
    check_reach(BATCH[axes - 1](3, track_running_stats=False), (2, 3, *EXTENTS[:axes]))
    check_reach(BATCH[axes - 1](3, track_running_stats=False), (2, 3, *EXTENTS[:axes]), mode="train")


@pytest.mark.parametrize("batch", [1, 2])
def test_batch_norm_that_keeps_running_statistics_is_transparent_in_training_too(batch: int) -> None:
    traced = trace(nn.BatchNorm2d(3), [torch.rand(batch, 3, 4, 5)], mode="train")
    seen = draw(traced, traced.outputs[0], (batch - 1, 1, 2, 3))
    assert seen.sum() == 1
    assert seen[batch - 1, 1, 2, 3]


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("options", [{}, {"affine": True}])
def test_instance_norm_reads_its_plane(axes: int, batch: int, options: dict[str, bool]) -> None:
    for mode in ("eval", "train"):
        check_reach(INSTANCE[axes - 1](3, **options), (batch, 3, *EXTENTS[:axes]), mode=mode)


@pytest.mark.parametrize("batch", [1, 2])
def test_instance_norm_that_keeps_running_statistics_takes_its_own_in_training(batch: int) -> None:
    for mode in ("eval", "train"):
        check_reach(INSTANCE[1](3, track_running_stats=True, affine=True), (batch, 3, 4, 5), mode=mode)


def test_instance_and_batch_norm_have_their_words() -> None:
    def follow(x: Tensor) -> Tensor:
        return F.batch_norm(x.view(-1, 3, 2, 2), torch.zeros(3), torch.ones(3))

    for mode in ("eval", "train"):
        for module, shape, word in (
            (nn.InstanceNorm2d(3), (3, 4, 4), "in"),
            (nn.BatchNorm2d(3), (3, 4, 4), "bn"),
            (Call(follow), (12,), "bn"),
        ):
            rule = find_rule(find_normalisation(module, shape, mode))
            assert rule is not None
            assert callable(rule.kind)
            assert rule.kind(find_normalisation(module, shape, mode)) == word


OTHERS: dict[str, Callable[..., Any]] = {
    "legit": lambda x, *state: ATEN._native_batch_norm_legit(x, *state, True, 0.1, 1e-5),
    "functional": lambda x, *state: ATEN._native_batch_norm_legit_functional(x, *state, True, 0.1, 1e-5),
    "without training": lambda x, *state: ATEN._native_batch_norm_legit_no_training(x, *state, 0.1, 1e-5),
    "with update": lambda x, *state: ATEN._batch_norm_with_update(x, *state, 0.1, 1e-5),
    "without update": lambda x, *state: ATEN._batch_norm_no_update(x, *state, 0.1, 1e-5),
    "cudnn": lambda x, *state: ATEN.cudnn_batch_norm(x, *state, True, 0.1, 1e-5),
    "miopen": lambda x, *state: ATEN.miopen_batch_norm(x, *state, False, 0.1, 1e-5),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_forms_that_keep_running_statistics(name: str) -> None:
    def twin(x: Tensor, *state: Tensor) -> Tensor:
        return x + sum(part.reshape(3, 1, 1) for part in state)

    check_reach(lambda *given: OTHERS[name](*given)[0], (2, 3, 2, 2), *[(3,)] * 4, twin=twin)


@pytest.mark.parametrize(
    "variant",
    [
        lambda x: ATEN._native_batch_norm_legit.no_stats(x, None, None, True, 0.1, 1e-5)[0],
        lambda x: ATEN.native_batch_norm(x, None, None, None, None, True, 0.1, 1e-5)[0],
    ],
)
def test_other_forms_that_take_statistics(variant: Callable[..., Tensor]) -> None:
    check_reach(variant, (2, 3, 4))


def test_the_batchs_statistics_read_their_channel() -> None:
    def twin(x: Tensor) -> Tensor:
        return x.var((0, 2, 3))

    for output in (1, 2):
        check_reach(
            lambda x, output=output: ATEN.native_batch_norm(x, None, None, None, None, True, 0.1, 1e-5)[output],
            (2, 3, 4, 2),
            twin=twin,
        )


@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 4, 5)])
@pytest.mark.parametrize("affine", [True, False])
def test_layer_norm(shape: tuple[int, ...], affine: bool) -> None:
    check_reach(nn.LayerNorm(shape, elementwise_affine=affine), (2, 3, 4, 5))


def test_layer_norm_with_weights_from_the_input() -> None:
    check_reach(lambda x, w, b: F.layer_norm(x, (4, 5), w, b), (2, 3, 4, 5), (4, 5), (4, 5))


@pytest.mark.parametrize("output", [1, 2])
@pytest.mark.parametrize("shape", [[5], [4, 5]])
def test_the_layers_statistics(output: int, shape: list[int]) -> None:
    axes = tuple(range(4 - len(shape), 4))
    check_reach(
        lambda x: ATEN.native_layer_norm(x, shape, None, None, 1e-5)[output],
        (2, 3, 4, 5),
        twin=lambda x: x.var(axes, keepdim=True),
    )


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_group_norm(groups: int, axes: int) -> None:
    check_reach(nn.GroupNorm(groups, 6), (2, 6, *EXTENTS[:axes]), most=60)


def test_group_norm_with_weights_from_the_input() -> None:
    check_reach(lambda x, w, b: F.group_norm(x, 2, w, b), (2, 4, 3), (4,), (4,))


@pytest.mark.parametrize("output", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_the_groups_statistics(output: int, groups: int) -> None:
    check_reach(
        lambda x: ATEN.native_group_norm(x, None, None, 2, 4, 15, groups, 1e-5)[output],
        (2, 4, 3, 5),
        twin=lambda x: x.reshape(2, groups, -1).var(-1),
    )


def test_root_mean_square() -> None:
    check_reach(nn.RMSNorm(5), (2, 3, 5))
    check_reach(nn.RMSNorm((3, 5)), (2, 3, 5))
    check_reach(lambda x, w: ATEN._fused_rms_norm(x, [5], w, 1e-5)[0], (2, 3, 5), (5,))


def test_the_fused_root_mean_square_reads_as_layer_norm_does() -> None:
    """The fused operation arrives on a GPU alone."""
    layer = find_normalisation(nn.LayerNorm((3, 5)), (4, 3, 5))
    value, shape, weight, _, eps = layer.arguments
    target, arguments = "aten._fused_rms_norm.default", (value, shape, weight, eps)
    fused = Operation(0, target, arguments, {}, layer.outputs[::2], "", 0)
    rule, other = find_rule(fused), find_rule(layer)
    assert rule is not None
    assert other is not None
    assert rule.kind == "rms"
    assert rule.reach(fused, 0) == other.reach(layer, 0)[:-1]
    assert rule.reach(fused, 1) == other.reach(layer, 2)


def test_local_response_norm() -> None:
    for axes in (1, 2, 3):
        check_reach(nn.LocalResponseNorm(3), (1, 5, *EXTENTS[:axes]), most=60)
    check_reach(nn.LocalResponseNorm(4), (1, 7, 2))


@pytest.mark.parametrize("dim", [0, 2])
def test_weight_norm(dim: int) -> None:
    shape = tuple(extent if axis == dim else 1 for axis, extent in enumerate((2, 3, 4)))
    for output in (0, 1):
        check_reach(
            lambda v, g, output=output: ATEN._weight_norm_interface(v, g, dim)[output],
            (2, 3, 4),
            shape,
            twin=None
            if output == 0
            else lambda v, g: v.norm(dim=[axis for axis in range(3) if axis != dim]).reshape(shape),
        )


def test_a_cells_own_way_stands_apart_from_its_statistics() -> None:
    for module in (nn.GroupNorm(2, 4), nn.LayerNorm((4, 3, 5)), nn.InstanceNorm2d(4), nn.GroupNorm(1, 4)):
        operation = find_normalisation(module, (4, 3, 5))
        rule = find_rule(operation)
        assert rule is not None
        own, statistics = [reach for value, reach in rule.reach(operation, 0) if value is operation.arguments[0]]
        assert [type(axis).__name__ for axis in own] == ["Same"] * 4
        assert [type(axis).__name__ for axis in statistics[2:]] == ["Whole"] * 2


def test_words() -> None:
    assert find_kinds(nn.GroupNorm(2, 4), (4, 3)) == ["gn"]
    assert find_kinds(nn.LayerNorm(3), (4, 3)) == ["ln"]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_all_are_known_forward_and_backward(axes: int) -> None:
    shape = (4, *EXTENTS[:axes])
    for module in (
        *(kind[axes - 1](4, track_running_stats=kept) for kind in (BATCH, INSTANCE) for kept in (True, False)),
        nn.GroupNorm(2, 4),
        nn.LayerNorm(shape),
        nn.RMSNorm(shape),
        nn.LocalResponseNorm(3),
    ):
        check_known(module, shape)


def test_parametrised_weights_are_known_forward_and_backward() -> None:
    norms = nn.utils.parametrizations
    for norm in (norms.weight_norm, norms.spectral_norm):
        check_known(norm(nn.Conv2d(4, 4, 3)), (4, 5, 5))
