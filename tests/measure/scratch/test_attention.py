import pytest
import torch
from tests.measure.scratch.support import aten, compare, needs_vectors

pytestmark = needs_vectors


@pytest.mark.parametrize("swapped", [False, True])
def test_flash_attention_as_measured(swapped: bool) -> None:
    query = torch.randn(2, 200, 4, 16).transpose(1, 2) if swapped else torch.randn(2, 4, 200, 16)
    output, sums = compare(aten._scaled_dot_product_flash_attention_for_cpu.default, query, query, query)
    backward = aten._scaled_dot_product_flash_attention_for_cpu_backward.default
    compare(backward, query, query, query, query, output, sums, 0.0, False)


@pytest.mark.parametrize(("length", "heads"), [(64, 4), (200, 4), (64, 8)])
def test_whole_layers_as_measured(length: int, heads: int) -> None:
    """What torch runs for a transformer in eval mode."""
    images = torch.randn(2, length, 96)
    layer = torch.nn.TransformerEncoderLayer(96, heads, 256, batch_first=True).eval()
    inner = layer.self_attn
    weights = (inner.in_proj_weight, inner.in_proj_bias, inner.out_proj.weight, inner.out_proj.bias)
    norms = [tensor for norm in (layer.norm1, layer.norm2) for tensor in (norm.weight, norm.bias)]
    hidden = [tensor for linear in (layer.linear1, layer.linear2) for tensor in (linear.weight, linear.bias)]
    with torch.no_grad():
        for first in (False, True):
            rest = (False, first, 1e-5, *norms, *hidden)
            compare(aten._transformer_encoder_layer_fwd.default, images, 96, heads, *weights, *rest)
        compare(aten._native_multi_head_attention.default, *[images] * 3, 96, heads, *weights, None, False)
