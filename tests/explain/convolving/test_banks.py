from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.convolving.banks import Bank, find_banks, read_bank, require_bank
from striate.layers import LocalConv, TableConv, make_convolution, make_transposed

LAYERS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "series": (nn.Conv1d(3, 4, 3), (3, 9)),
    "picture": (nn.Conv2d(2, 4, (3, 2), stride=2, padding=1), (2, 7, 8)),
    "volume": (nn.Conv3d(2, 3, 2), (2, 4, 4, 4)),
    "four axes": (make_convolution(4, 2, 3, 2), (2, 3, 3, 3, 3)),
    "groups": (nn.Conv2d(6, 4, 3, groups=2), (6, 5, 5)),
    "depthwise": (nn.Conv2d(3, 6, 3, groups=3), (3, 5, 5)),
    "dilated": (nn.Conv1d(2, 3, 3, dilation=2), (2, 9)),
    "uneven": (make_convolution(2, 2, 3, 4, pads=[(1, 2), (1, 2)]), (2, 6, 6)),
    "transposed": (nn.ConvTranspose2d(4, 3, 3, stride=2), (4, 3, 3)),
    "transposed groups": (nn.ConvTranspose1d(4, 6, 3, stride=2, groups=2), (4, 5)),
    "cropped": (make_transposed(1, 3, 2, 4, 2, [(0, 2)]), (3, 5)),
    "table": (TableConv(3, 4, [(0, 1), (1, 2)], (3, 3)), (3, 5, 5)),
}


def rebuild(bank: Bank, layer: Any, inputs: Tensor) -> Tensor:
    """The layer's output from the bank alone: each unit's kernels where it sees, in a layer without groups."""
    transposed = "transposed" in bank.kind
    dense = torch.zeros(len(bank.values), bank.channels, *bank.size, dtype=torch.float64)
    for unit in range(len(bank.values)):
        for place, source in enumerate(bank.sources[unit].tolist()):
            dense[unit, source] += bank.values[unit, place]
    axes, bias = len(bank.size), layer.bias.detach().double()
    options: dict[str, Any] = {"stride": layer.stride, "dilation": layer.dilation}
    if transposed:
        crops = getattr(layer, "crops", None) or [(cut, cut) for cut in layer.padding]
        twin = make_transposed(axes, bank.channels, len(dense), bank.size, crops=crops, **options).double()
        twin.weight.data = dense.transpose(0, 1).contiguous()
    else:
        pads = getattr(layer, "pads", None) or [(cells, cells) for cells in layer.padding]
        twin = make_convolution(axes, bank.channels, len(dense), bank.size, pads=pads, **options).double()
        twin.weight.data = dense
    twin.bias.data = bias
    return twin(inputs)  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", LAYERS)
def test_the_kernels_alone_make_the_layers_output(name: str) -> None:
    layer, shape = LAYERS[name]
    layer = layer.double()
    inputs = torch.randn(2, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    bank = read_bank(layer)
    assert bank is not None
    assert bank.channels == shape[0]
    assert torch.allclose(rebuild(bank, layer, inputs), layer(inputs), atol=1e-10)


def test_kinds_and_paths() -> None:
    first: Any = nn.Conv2d(4, 4, 3, groups=4)
    module = nn.Sequential(first, nn.ReLU(), nn.Sequential(nn.Conv2d(4, 8, 1, groups=2)), nn.Linear(3, 3))
    banks = find_banks(module)
    assert {path: bank.kind for path, bank in banks.items()} == {
        "0": "depthwise convolution",
        "2.0": "convolution in 2 groups",
    }
    assert torch.allclose(banks["0"].norms, first.weight.detach().flatten(1).norm(dim=1)[:, None].double())


def test_what_has_no_kernels_is_said_so() -> None:
    module = nn.Sequential(nn.ReLU(), LocalConv(1, 2, (5,), 3), nn.LazyConv2d(3, 3), nn.Conv1d(1, 1, 1))
    assert list(find_banks(module)) == ["3"]
    with pytest.raises(InputError, match="found a ReLU, needed a convolution: 3"):
        require_bank(module, "0")
    with pytest.raises(InputError, match="differ from cell to cell"):
        require_bank(module, "1")
    with pytest.raises(InputError, match="no convolution"):
        require_bank(nn.Sequential(nn.ReLU()), "0")
