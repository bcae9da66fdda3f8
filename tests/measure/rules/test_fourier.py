"""Fourier transforms: the whole of the transformed axes is read; no count is claimed."""

import pytest
import torch
from tests.measure.rules.support import check_reach
from torch import Tensor

from striate.measure.rules.catalogue import find_rule


@pytest.mark.parametrize("dim", [1, 2, (1, 2), (0, -1)])
def test_reach_is_the_gradients_support(dim: int | tuple[int, ...]) -> None:
    dims = (dim,) if isinstance(dim, int) else dim
    scale = torch.rand(2, 5, 4, dtype=torch.float64).add_(0.5)

    def run(x: Tensor) -> Tensor:
        """A product between the two transforms, so that they don't undo each other."""
        made = torch.fft.rfftn(x, dim=dims)
        weight = scale[tuple(slice(extent) for extent in made.shape)]
        inverse: Tensor = torch.fft.irfftn(made * weight, s=[x.shape[axis] for axis in dims], dim=dims)
        return inverse

    made = check_reach(run, (2, 5, 4))
    rules = [find_rule(operation) for operation in made.operations if operation.name.startswith("_fft")]
    assert len(rules) > 1
    assert all(rule is not None and rule.reason for rule in rules)


def test_complex_transforms() -> None:
    check_reach(lambda x: torch.fft.fft(torch.complex(x, x * 2), dim=1).abs(), (2, 5))
