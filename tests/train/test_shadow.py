from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.train.shadow import Shadow


def make_norm() -> nn.BatchNorm1d:
    """A module with floats to train, floats beside them, and a counter."""
    module = nn.BatchNorm1d(2)
    module(torch.randn(4, 2))
    return module


@pytest.mark.parametrize("floats", [False, True])
def test_it_holds_the_state_of_the_start(floats: bool) -> None:
    module = make_norm()
    shadow = Shadow(module, floats=floats)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    assert ("num_batches_tracked" in shadow.tensors()) is not floats
    with torch.no_grad():
        module.weight.add_(1)
    module(torch.randn(4, 2))
    after = {name: value.clone() for name, value in module.state_dict().items()}
    with shadow.in_module():
        for name in shadow.tensors():
            assert torch.equal(module.state_dict()[name], before[name])
    assert all(torch.equal(module.state_dict()[name], value) for name, value in after.items())
    shadow.put_into_module()
    kept = {name: before[name] if name in shadow.tensors() else after[name] for name in before}
    assert all(torch.equal(module.state_dict()[name], value) for name, value in kept.items())


def test_an_error_gives_the_module_back() -> None:
    module = make_norm()
    shadow = Shadow(module, floats=True)
    with torch.no_grad():
        module.weight.add_(1)
    own = module.weight.clone()

    def fail() -> None:
        with shadow.in_module():
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert torch.equal(module.weight, own)
