"""Losses: one number read from everything, or, where they aren't reduced, one for each cell or sample. All are free."""

from __future__ import annotations

from striate.measure.operation import Operation, Value
from striate.measure.reach import Reach, Same, Sources, Whole
from striate.measure.rules.arguments import find_argument
from striate.measure.rules.rule import Rule, read_alike, read_everything


def is_reduced(operation: Operation) -> bool:
    """Whether the cells' losses are summed or averaged; torch counts its words for that, `none` first."""
    return bool(find_argument(operation, "reduction"))


def read_cells(operation: Operation, output: int = 0) -> Sources:
    """Everything; or cell by cell."""
    return read_everything(operation) if is_reduced(operation) else read_alike(operation, output)


def read_classes(operation: Operation, output: int = 0) -> Sources:
    """Everything; or a sample's scores of all classes, and its target, place by place.

    What the weights add up to, the second output, reads no score.
    """
    scores, target, *weights = operation.inputs
    weighed: Sources = [(weight, (Whole(),)) for weight in weights]
    if output:
        return [(target, tuple(Whole() for _ in target.shape)), *weighed]
    if is_reduced(operation):
        return read_everything(operation)
    batched = len(scores.shape) > 1
    places = (Same(axis - 1) for axis in range(2, len(scores.shape)))
    read: Reach = (Same(0), Whole(), *places) if batched else tuple(Whole() for _ in scores.shape)
    return [(scores, read), (target, tuple(map(Same, range(len(target.shape)))) if batched else ()), *weighed]


def read_labels(operation: Operation, output: int = 0) -> Sources:
    """Everything; or a sample's scores and its labels."""
    scores, target = operation.inputs
    if output:
        return [(target, _read_sample(target))]
    if is_reduced(operation):
        return read_everything(operation)
    return [(value, _read_sample(value)) for value in (scores, target)]


def _read_sample(value: Value) -> Reach:
    return (Same(0), Whole()) if len(value.shape) == 2 else tuple(Whole() for _ in value.shape)


CELLS = "mse_loss huber_loss smooth_l1_loss soft_margin_loss binary_cross_entropy binary_cross_entropy_with_logits"
CLASSES = "nll_loss_forward nll_loss2d_forward multi_margin_loss"
GRADIENTS = (
    "mse_loss_backward huber_loss_backward smooth_l1_loss_backward soft_margin_loss_backward "
    "binary_cross_entropy_backward nll_loss_backward nll_loss2d_backward multi_margin_loss_backward "
    "multilabel_margin_loss_backward"
)

RULES = {
    **dict.fromkeys(CELLS.split(), Rule("loss", read_cells)),
    **dict.fromkeys(CLASSES.split(), Rule("loss", read_classes)),
    "multilabel_margin_loss_forward": Rule("loss", read_labels),
    **dict.fromkeys(GRADIENTS.split(), Rule("gradient", read_everything)),
}
