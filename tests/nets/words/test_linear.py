from __future__ import annotations

import pytest
import torch

from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module


@pytest.mark.parametrize(("text", "bias"), [("fc-4", True), ("fc-4 bias=no", False)])
def test_fc_is_a_matrix(text: str, bias: bool) -> None:
    module = make_module(parse(text), (6,))
    (found,) = place(parse(text), (6,))
    matrix = module(torch.eye(6)) - module(torch.zeros(1, 6))
    assert matrix.shape == (6, *found.output)
    assert found.parameters == matrix.numel() + 4 * bias
    assert torch.any(module(torch.zeros(1, 6)) != 0) == torch.tensor(False)


def test_fc_wants_a_flat_input() -> None:
    with pytest.raises(NetShapeError, match=r"found 6x1x1, needed a flat input\. Put `flatten`"):
        place(parse("fc-4"), (6, 1, 1))
