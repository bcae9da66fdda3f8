"""Cells chosen by data: any cell that some index could choose is read, as the mean over them all would read it."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from tests.measure.rules.support import check_reach
from torch import Tensor, nn

from striate.measure.rules.catalogue import find_rule
from striate.measure.trace import trace

Function = Callable[..., Tensor]


def _spread(x: Tensor, *dims: int) -> Tensor:
    """What any index along some axes could give: their mean, at every place."""
    return x.mean(dims, keepdim=True).expand_as(x)


def _write(x: Tensor, *parts: Tensor) -> Tensor:
    for part in parts:
        x = x + part
    return x


X, CASES = (2, 3, 4, 5), list[tuple[str, Function, Function, tuple[tuple[int, ...], ...]]]()
CASES += [
    (
        "index_select",
        lambda x, i: x.index_select(2, i.long()),
        lambda x, i: x.mean(2, keepdim=True) + i[:, None],
        (X, (6,)),
    ),
    (
        "gather",
        lambda x, i: x.gather(1, i.long()),
        lambda x, i: _spread(x, 1)[:, :2, :3, :4] + i,
        (X, (2, 2, 3, 4)),
    ),
    (
        "take_along_dim",
        lambda x, i: torch.take_along_dim(x, i.long(), 1),
        lambda x, i: x.mean(1, keepdim=True).expand(2, 2, 4, 5) + i,
        (X, (1, 2, 4, 5)),
    ),
    ("take", lambda x, i: x.take(i.long()), lambda x, i: x.mean() + i, (X, (3, 2))),
    (
        "one index",
        lambda x, i: x[:, i.long()],
        lambda x, i: x.mean(1, keepdim=True)[:, None] + i[:, :, None, None],
        (X, (2, 3)),
    ),
    (
        "indices side by side",
        lambda x, i, j: x[:, i.long(), j.long()],
        lambda x, i, j: x.mean((1, 2))[:, None, None] + i[:, :, None] + j[:, None],
        (X, (3, 1), (2,)),
    ),
    (
        "indices apart",
        lambda x, i, j: x[:, i.long(), :, j.long()],
        lambda x, i, j: x.mean((1, 3))[None, None] + (i + j)[..., None, None],
        (X, (3, 1), (2,)),
    ),
    (
        "index_put",
        lambda x, i, y: x.index_put((torch.tensor([0, 1])[:, None], i.long()), y),
        lambda x, i, y: x + y.mean((0, 1)) + i.mean(),
        (X, (2,), (2, 2, 4, 5)),
    ),
    (
        "index_put of a broadcast",
        lambda x, i, y: _assign(x * 1, i.long(), y),
        lambda x, i, y: x + y.mean(0)[None, None, :, None] + i.mean(),
        (X, (2,), (2, 4)),
    ),
    (
        "scatter",
        lambda x, i, y: x.scatter(2, i.long(), y),
        lambda x, i, y: x + y.mean(2, keepdim=True) + i.mean(2, keepdim=True),
        (X, (2, 3, 6, 5), (2, 3, 6, 5)),
    ),
    (
        "scatter of a number",
        lambda x, i: x.scatter(2, i.long(), 1.0),
        lambda x, i: x + i.mean(2, keepdim=True),
        (X, (2, 3, 6, 5)),
    ),
    (
        "scatter_add",
        lambda x, i, y: (x * 1).scatter_add_(1, i.long(), y),
        lambda x, i, y: x + y.mean(1, keepdim=True) + i.mean(1, keepdim=True),
        (X, X, X),
    ),
    (
        "index_add",
        lambda x, i, y: x.index_add(2, i.long(), y),
        lambda x, i, y: x + y.mean(2, keepdim=True) + i.mean(),
        (X, (2,), (2, 3, 2, 5)),
    ),
    (
        "index_copy",
        lambda x, i, y: x.index_copy(2, i.long(), y),
        lambda x, i, y: x + y.mean(2, keepdim=True) + i.mean(),
        (X, (2,), (2, 3, 2, 5)),
    ),
    ("index_fill", lambda x, i: x.index_fill(2, i.long(), 1.0), lambda x, i: x + i.mean(), (X, (2,))),
    (
        "masked_scatter",
        lambda x, m, y: x.masked_scatter(m > 1, y),
        lambda x, m, y: x + m + y.mean(),
        (X, (4, 5), (3, 4, 5)),
    ),
    ("masked_fill", lambda x, m: x.masked_fill(m > 1, 0.0), lambda x, m: x + m, (X, (4, 5))),
    ("where", lambda x, m, y: torch.where(m > 1, x, y), _write, (X, (4, 1), (2, 1, 4, 5))),
    ("bucketize", lambda x, b: torch.bucketize(x, b) * 1.0, lambda x, b: x + b.mean(), (X, (3,))),
    (
        "embedding",
        lambda i, w: F.embedding(i.long(), w),
        lambda i, w: i[..., None] + w.mean().expand(4),
        ((2, 3), (7, 4)),
    ),
    ("one_hot", lambda i: F.one_hot(i.long(), 5) * 1.0, lambda i: i[..., None].expand(2, 3, 5), ((2, 3),)),
]


def _assign(x: Tensor, index: Tensor, values: Tensor) -> Tensor:
    """Both rows of a place at once: the indexed axes stand in front, the values' last axis is the third one's."""
    x.permute(1, 3, 0, 2)[index, index] = values[:, None]
    return x


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_all_that_an_index_could_choose_is_read(
    case: tuple[str, Function, Function, tuple[tuple[int, ...], ...]],
) -> None:
    _, module, twin, shapes = case
    made = check_reach(module, *shapes, twin=twin, most=60)
    assert all(find_rule(operation) for operation in made.operations)


def test_a_words_weights_are_embedded() -> None:
    module = nn.Sequential(nn.Embedding(7, 4, max_norm=1.0), nn.Flatten())
    operations = trace(module, torch.zeros(2, 3, dtype=torch.int64)).operations
    kinds = [rule.kind for operation in operations if (rule := find_rule(operation))]
    assert "embed" in kinds
    assert len(kinds) == len(operations)


def test_bags_of_words_are_read_whole() -> None:
    made = trace(nn.EmbeddingBag(7, 4), [torch.zeros(6, dtype=torch.int64), torch.tensor([0, 2])])
    rule = find_rule(made.operations[-1])
    assert rule is not None
    assert rule.kind == "embed"
