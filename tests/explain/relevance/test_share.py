"""Operations that carry relevance, against torch's own operations: told to hand on the gradient, they must agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from striate.explain.relevance.contributions import Contributions
from striate.explain.relevance.share import Share, carry, find_share, trace_back

Step = Callable[[Tensor], Tensor]


def triple(x: Tensor) -> Tensor:
    return carry(Share([x], lambda relevance: [3 * relevance], "layer"), 3 * x.detach())


def triple_over(x: Tensor) -> Tensor:
    return carry(Share([x], lambda relevance: [3 * relevance], "layer"), 3 * x.detach(), x)


def weigh(x: Tensor, y: Tensor) -> Tensor:
    share = Share([x, y], lambda relevance: [2 * relevance, -5 * relevance], "layer")
    return carry(share, 2 * x.detach() - 5 * y.detach())


def weigh_over(x: Tensor, y: Tensor) -> Tensor:
    share = Share([y, x], lambda relevance: [-5 * relevance, 2 * relevance], "layer")
    return carry(share, 2 * x.detach() - 5 * y.detach(), x)


def overwrite_part(canvas: Tensor, over: Step) -> Tensor:
    over(canvas[:, 1:3])
    return canvas * 1


PROGRAMS: dict[str, tuple[Step, Step]] = {
    "once": (triple, lambda x: 3 * x),
    "a tensor that is used twice": (lambda x: triple(x) + triple(x), lambda x: 6 * x),
    "two sources": (lambda x: weigh(x, x.flip(1)), lambda x: 2 * x - 5 * x.flip(1)),
    "one source twice": (lambda x: weigh(x, x), lambda x: 2 * x - 5 * x),
    "overwritten": (lambda x: triple_over(x * 1), lambda x: (x * 1).mul_(3)),
    "overwritten by two": (lambda x: weigh_over(x * 1, x.flip(1)), lambda x: (x * 1).mul_(2).sub_(5 * x.flip(1))),
    "a view overwritten": (
        lambda x: overwrite_part(x * 1, triple_over),
        lambda x: overwrite_part(x * 1, lambda part: part.mul_(3)),
    ),
    "a view overwritten by its own base": (
        lambda x: overwrite_part(x * 1, lambda part: weigh_over(part, x[:, :2])),
        lambda x: overwrite_part(x * 1, lambda part: part.mul_(2).sub_(5 * x[:, :2])),
    ),
    "a constant overwritten": (
        lambda x: overwrite_part(torch.zeros_like(x), lambda part: weigh_over(part, x[:, :2])),
        lambda x: overwrite_part(torch.zeros_like(x), lambda part: part.sub_(5 * x[:, :2])),
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_relevance_goes_the_way_of_torchs_gradient(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 4, generator=generator).double().requires_grad_()
    due = torch.randn(2, 4, generator=generator).double()
    carried, plain = PROGRAMS[name]
    found, expected = carried(x), plain(x)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad(found, x, due), torch.autograd.grad(expected, x, due))


def test_an_operation_in_place_gives_the_tensor_that_it_overwrote() -> None:
    x = torch.ones(2, 3, requires_grad=True) * 1
    assert triple_over(x) is x
    assert x.tolist() == (torch.ones(2, 3) * 3).tolist()
    assert triple(x) is not x


def test_relevance_has_no_gradient_of_its_own() -> None:
    x = torch.ones(3, requires_grad=True)
    (got,) = torch.autograd.grad(triple(x), x, torch.ones(3, requires_grad=True), create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        got.sum().backward()  # type: ignore[no-untyped-call]


def test_a_sum_folds_until_a_source_is_written_over() -> None:
    x = torch.ones(3, requires_grad=True) * 1
    share = Share([x], lambda relevance: [relevance], "layer", sum=Contributions([]))
    assert share.can_fold()
    x.mul_(2)
    assert not share.can_fold()
    assert not Share([x], lambda relevance: [relevance], "layer").can_fold()


def test_what_was_written_over_its_source_folds_no_more() -> None:
    x = torch.ones(3, requires_grad=True) * 1
    share = Share([x], lambda relevance: [relevance], "layer", sum=Contributions([]))
    assert find_share(carry(share, x.detach() + 1, x)) is share
    assert not share.can_fold()
    assert share.sources == ()  # it would keep its own output, which keeps it


def test_the_share_is_found_behind_its_output_and_what_was_only_reshaped() -> None:
    x = torch.rand(2, 4, requires_grad=True)
    made = triple(x)
    share = find_share(made)
    assert share is not None
    assert share.layer == "layer"
    for shaped in (made, made.view(8), made.t()[1:].unsqueeze(0), made.expand(3, 2, 4).flip(0)):
        assert trace_back(shaped) is share
    assert find_share(made.t()) is None
    for other in (x, x.t(), x * 2, made * 2, torch.cat([made, made]), made.detach()):
        assert find_share(other) is None
        assert trace_back(other) is None
