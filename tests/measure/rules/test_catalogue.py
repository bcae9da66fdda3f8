"""What users put into networks: no operation of it is unknown, save those that are named here."""

from functools import partial

import pytest
import torch
from tests.measure.rules.calls import CALLS, IMAGES, LOSSES, Function
from tests.measure.rules.modules import ACTIVATIONS, MODULES, PLANE, SPATIAL, WORDS, Case, Shape
from tests.measure.rules.support import Call, Scaled
from torch import nn

from striate.measure.rules.catalogue import FAMILIES, RULES, find_rule
from striate.measure.trace import trace

UNKNOWN: dict[str, tuple[Function, set[str]]] = {
    "inverse": (lambda x: torch.linalg.inv(x[:, :5, :5]), {"linalg_inv_ex", "_linalg_check_errors"}),
    "determinant": (lambda x: torch.linalg.det(x[:, :5, :5]), {"_linalg_det", "linalg_lu_solve"}),
    "singular values": (lambda x: torch.linalg.svd(x)[1], {"_linalg_svd"}),
    "orthogonal": (lambda x: torch.linalg.qr(x)[0], {"linalg_qr", "linalg_solve_triangular"}),
    "exponential": (lambda x: torch.matrix_exp(x[:, :5, :5]), {"linalg_matrix_exp"}),
    "cross product": (lambda x: torch.linalg.cross(x[..., :3], x[..., 1:4]), {"linalg_cross"}),
    "renamed": (lambda x: torch.ops.aten.block_diag([x[0], x[1]]), {"block_diag"}),
    "strides beyond the input": (lambda x: x[:, :2].as_strided((2, 5), (5, 1)), {"as_strided"}),
}

KNOWN: dict[str, Case] = {
    **SPATIAL,
    **MODULES,
    **ACTIVATIONS,
    **{name: (partial(Call, call), WORDS) for name, call in (CALLS | LOSSES).items()},
    **{name: (partial(Call, call), PLANE) for name, call in IMAGES.items()},
}


def find_unknown(module: nn.Module, shape: Shape) -> set[str]:
    """The names of the operations without a rule, in eval, and in training forward and backward."""
    scaled = Scaled(module)
    runs = [trace(scaled, [shape], 2, mode="eval"), trace(scaled, [shape], 2, mode="train", backward=True)]
    return {operation.name for run in runs for operation in run.operations if find_rule(operation) is None}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.filterwarnings("ignore")
def test_no_operation_is_unknown(name: str) -> None:
    make, shape = KNOWN[name]
    assert find_unknown(make(), shape) == set()


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_has_no_rule_is_said_to_be_unknown(name: str) -> None:
    function, names = UNKNOWN[name]
    assert find_unknown(Call(function), WORDS) == names


def test_there_are_enough_cases() -> None:
    assert len(KNOWN) > 200


def test_every_rule_is_for_an_operation_that_exists() -> None:
    own = {"overlay", "step"}
    assert [name for name in RULES if not hasattr(torch.ops.aten, name) and name not in own] == []


def test_no_two_families_have_a_rule_for_the_same_operation() -> None:
    assert sum(len(family.RULES) for family in FAMILIES) == len(RULES)
