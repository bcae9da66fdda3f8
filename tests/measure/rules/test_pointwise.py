"""Operations that work cell by cell: words, what is read, and dropout in its parts."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from tests.measure.rules.support import Call, check_reach
from torch import Tensor, nn

from striate.measure.operation import Operation
from striate.measure.rules.catalogue import find_rule
from striate.measure.trace import trace

KINDS = [
    (nn.ReLU(), "relu"),
    (nn.ReLU(inplace=True), "relu"),
    (nn.ReLU6(), "relu6"),
    (nn.Hardtanh(), "hardtanh"),
    (nn.Hardtanh(0, 5), "hardtanh"),
    (nn.GELU(), "gelu"),
    (nn.GELU("tanh"), "gelu"),
    (nn.SiLU(), "silu"),
    (nn.SiLU(inplace=True), "silu"),
    (nn.Tanh(), "tanh"),
    (nn.Sigmoid(), "sigmoid"),
    (nn.Hardswish(), "hardswish"),
    (nn.Hardsigmoid(), "hardsigmoid"),
    (nn.Mish(), "mish"),
    (nn.ELU(), "elu"),
    (nn.LeakyReLU(), "leaky_relu"),
    (nn.PReLU(), "prelu"),
    (nn.PReLU(4), "prelu"),
    (nn.RReLU(), "rrelu"),
    (nn.Softplus(), "softplus"),
    (nn.LogSigmoid(), "logsigmoid"),
    (nn.Threshold(0.1, 20), "threshold"),
    (nn.GLU(1), "glu"),
]


def name_kind(operation: Operation) -> str:
    """The word that the table has."""
    rule = find_rule(operation)
    assert rule is not None
    return rule.kind if isinstance(rule.kind, str) else rule.kind(operation)


@pytest.mark.parametrize(("module", "kind"), KINDS, ids=[repr(module) for module, _ in KINDS])
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_activations(module: nn.Module, kind: str, mode: str) -> None:
    smooth = module if kind in ("softplus", "tanh", "glu", "prelu", "logsigmoid") else nn.Identity()
    made = check_reach(module, (2, 4, 3), twin=smooth, mode=mode, most=40)
    assert name_kind(made.operations[-1]) == kind
    if not getattr(module, "inplace", False):
        check_reach(torch.inference_mode()(module.forward), (2, 4, 3), twin=smooth, most=10)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_halves_of_a_gate(dim: int) -> None:
    check_reach(lambda x: F.glu(x, dim), (2, 4, 6))


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x, y: x + y, "add"),
        (lambda x, y: x - y, "sub"),
        (lambda x, y: 1 - x, "sub"),
        (lambda x, y: x * y, "mul"),
        (lambda x, y: x / y, "div"),
        (lambda x, y: (x * 2).add_(y), "add"),
        (lambda x, y: torch.complex(x, y).abs(), "abs"),
        (lambda x, y: torch.maximum(x, y), "maximum"),
        (lambda x, y: torch.addcmul(x, x, y), "addcmul"),
        (lambda x, y: torch.lerp(x, y, 0.3), "lerp"),
        (lambda x, y: x + torch.randn_like(x), "add"),
    ],
)
def test_arithmetic(function: Callable[[Tensor, Tensor], Tensor], kind: str) -> None:
    inputs = [torch.rand(2, 3, 4), torch.rand(3, 1)]
    assert name_kind(trace(Call(function), inputs).operations[-1]) == kind


def test_operations_in_place_that_torch_does_not_tag() -> None:
    check_reach(lambda x: (x * 1).abs_(), (2, 3), twin=torch.clone)
    check_reach(lambda x: F.mish(x * 1, True), (2, 3), twin=torch.clone)
    check_reach(lambda x: (x * 1).gt_(1), (2, 3), twin=torch.clone)
    check_reach(lambda x: (x * 1).masked_fill_(x > 1, 0), (2, 3), twin=torch.clone)
    check_reach(lambda x, y: torch.max(x, y), (2, 3), (3,), twin=lambda x, y: x + y)


def test_broadcasts() -> None:
    check_reach(lambda x, y: x * y + y[:, :1], (2, 3, 4), (3, 4))
    check_reach(lambda x, y: torch.where(x > 0, x * 2, y), (2, 3, 4), (3, 1), twin=lambda x, y: x + y)


DROPOUTS = [nn.Dropout(0.2), nn.Dropout(0.2, inplace=True), nn.Dropout1d(), nn.AlphaDropout(), nn.FeatureAlphaDropout()]


@pytest.mark.parametrize("module", DROPOUTS, ids=repr)
@pytest.mark.parametrize("backward", [False, True])
def test_dropout_reads_cell_by_cell_and_all_of_its_parts_are_named_so(module: nn.Module, backward: bool) -> None:
    check_reach(nn.Sequential(nn.Hardtanh(), module), (2, 3, 4), twin=nn.Identity(), mode="train")
    made = trace(nn.Sequential(nn.Linear(4, 4), module), (4,), 2, mode="train", backward=backward)
    parts = [operation for operation in made.operations if operation.path == "1" and operation.phase == "forward"]
    computing = [operation for operation in parts if not operation.is_view]
    reading = [operation for operation in computing if (rule := find_rule(operation)) and rule.reach(operation, 0)]
    assert {name_kind(operation) for operation in reading} == {"dropout"}
    assert not trace(module, (3, 4), 2, mode="eval").operations


def test_noise_that_is_no_dropout_keeps_its_name() -> None:
    made = trace(Call(lambda x: x * (torch.rand_like(x) + 1)), (3, 4))
    assert [name_kind(operation) for operation in made.operations] == ["random", "add", "mul"]


def test_gradients_are_named_so() -> None:
    for module in [module for module, _ in KINDS if not getattr(module, "inplace", False)]:
        made = trace(nn.Sequential(nn.Linear(4, 4), module).float(), (4, 4), mode="train", backward=True)
        causes = {operation.index for operation in made.operations if operation.path == "1"}
        own = [
            operation for operation in made.operations if operation.phase == "backward" and operation.cause in causes
        ]
        named = [operation for operation in own if operation.name.endswith("_backward")]
        assert {name_kind(operation) for operation in named} == {"gradient"}, module
