from typing import Any

import pytest
import torch
from tests.measure.rules.attending import attend, mix
from tests.measure.rules.counting import Tally, count, list_names, run
from tests.measure.rules.support import check_reach
from torch import Tensor, nn


class Itself(nn.Module):
    """Attention of a sequence to itself, as one input."""

    def __init__(self, *, weights: bool = False) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.weights = weights

    def forward(self, tokens: Tensor) -> Any:
        return self.attention(tokens, tokens, tokens, need_weights=self.weights)[int(self.weights)]


def count_layer(tally: Tally, layer: nn.MultiheadAttention, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Multi-head attention by hand."""
    weight = layer.in_proj_weight.detach() if layer.in_proj_weight is not None else None
    parts = weight.chunk(3) if weight is not None else [layer.q_proj_weight, layer.k_proj_weight, layer.v_proj_weight]
    biases = layer.in_proj_bias.detach().chunk(3)
    heads = []
    for values, matrix, bias in zip((query, key, value), parts, biases, strict=True):
        mapped = tally.multiply(values.flatten(0, 1), matrix.detach().T) + bias
        heads.append(mapped.reshape(*values.shape[:2], layer.num_heads, -1).transpose(1, 2))
    mixed = attend(heads[0], heads[1], heads[2], tally).transpose(1, 2).flatten(2)
    made = tally.multiply(mixed.flatten(0, 1), layer.out_proj.weight.detach().T) + layer.out_proj.bias.detach()
    return made.reshape(query.shape)


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("weights", [False, True])
def test_multi_head_attention(mode: str, weights: bool) -> None:
    layer, tally, tokens = Itself(weights=weights).train(mode == "train"), Tally(), torch.rand(2, 5, 8)
    made = count_layer(tally, layer.attention, tokens, tokens, tokens)
    if not weights:
        assert torch.allclose(made, layer(tokens), atol=1e-5)
    traced = run(layer, (2, 5, 8), mode=mode)
    assert ("_native_multi_head_attention" in list_names(traced)) == (mode == "eval")
    assert count(traced) == tally.count
    assert count(run(layer, (2, 5, 8), mode=mode, backward=True)) == tally.count


def test_multi_head_attention_across_sequences_of_other_widths() -> None:
    layer, tally = nn.MultiheadAttention(8, 2, kdim=6, vdim=4, batch_first=True), Tally()
    inputs = [torch.rand(2, 5, 8), torch.rand(2, 7, 6), torch.rand(2, 7, 4)]
    made = count_layer(tally, layer, *inputs)
    assert torch.allclose(made, layer(*inputs)[0], atol=1e-5)
    assert count(run(layer, *(tuple(value.shape) for value in inputs))) == tally.count


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("first", [True, False])
def test_encoder_layers(mode: str, first: bool) -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, norm_first=first)
    tally, tokens = Tally(), torch.rand(2, 5, 8)
    count_layer(tally, layer.self_attn, tokens, tokens, tokens)
    for linear in (layer.linear1, layer.linear2):
        tally.multiply(torch.rand(10, linear.in_features), linear.weight.detach().T)
    traced = run(layer, (2, 5, 8), mode=mode)
    assert ("_transformer_encoder_layer_fwd" in list_names(traced)) == (mode == "eval")
    assert count(traced) == tally.count
    stack = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
    assert count(run(stack, (2, 5, 8), mode=mode)) == 3 * tally.count


def test_decoder_layers_count_alike_in_eval_and_train() -> None:
    layer = nn.TransformerDecoderLayer(8, 2, 12, batch_first=True)
    shapes = (2, 5, 8), (2, 7, 8)
    traced = [run(layer, *shapes), run(layer, *shapes, mode="train"), run(layer, *shapes, backward=True)]
    assert len({count(each) for each in traced}) == 1
    assert "_native_multi_head_attention" in list_names(traced[0])


class Mixed(nn.Module):
    """The same attention with positive numbers throughout: no softmax, no norm."""

    def __init__(self, *, weights: bool = False) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))
        self.weights = weights

    def forward(self, tokens: Tensor) -> Any:
        query, key, value = (part(tokens).unflatten(-1, (2, 4)).transpose(1, 2) for part in self.maps[:3])
        if self.weights:
            return (query @ key.transpose(-1, -2)).mean(1)
        return self.maps[3](mix(query, key, value).transpose(1, 2).flatten(2))


def test_reach_of_the_fused_layers() -> None:
    check_reach(Itself(), (2, 3, 8), twin=Mixed())
    check_reach(nn.TransformerEncoderLayer(8, 2, 12, batch_first=True), (2, 3, 8), twin=Mixed())


def test_the_scores_of_a_fused_layer_read_every_key_for_the_softmax() -> None:
    class Summed(Mixed):
        def forward(self, tokens: Tensor) -> Any:
            scores = super().forward(tokens)
            return scores * scores.sum(-1, keepdim=True)

    check_reach(Itself(weights=True), (2, 3, 8), twin=Summed(weights=True))


@pytest.mark.parametrize("kind", ["src_mask", "src_key_padding_mask"])
def test_masks_of_fused_layers_are_read_by_their_kind(kind: str) -> None:
    """Of pairs, or of the keys of each sample."""

    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True)

        def forward(self, tokens: Tensor, mask: Tensor) -> Any:
            return self.layer(tokens, **{kind: mask})

    class Twin(Mixed):
        def forward(self, tokens: Tensor, mask: Tensor) -> Any:  # type: ignore[override]
            query, key, value = (part(tokens).unflatten(-1, (2, 4)).transpose(1, 2) for part in self.maps[:3])
            mask = mask if kind == "src_mask" else mask[:, None, None]
            return self.maps[3](mix(query, key, value, mask).transpose(1, 2).flatten(2))

    traced = check_reach(Masked(), (2, 3, 8), (3, 3) if kind == "src_mask" else (2, 3), twin=Twin())
    assert "_transformer_encoder_layer_fwd" in list_names(traced)


@pytest.mark.parametrize(("kind", "shape"), [(0, (3, 3)), (1, (2, 3)), (2, (2, 2, 3, 3))])
def test_masks_of_every_kind_are_read(kind: int, shape: tuple[int, ...]) -> None:
    weights = [torch.rand(24, 8), torch.rand(24), torch.rand(8, 8), torch.rand(8)]

    def attend_natively(tokens: Tensor, mask: Tensor) -> Any:
        given = [weight.to(tokens) for weight in weights]
        return torch.ops.aten._native_multi_head_attention(
            tokens, tokens, tokens, 8, 2, *given, mask, False, False, kind
        )[0]

    class Twin(Mixed):
        def forward(self, tokens: Tensor, mask: Tensor) -> Any:  # type: ignore[override]
            query, key, value = (part(tokens).unflatten(-1, (2, 4)).transpose(1, 2) for part in self.maps[:3])
            mask = mask[:, None, None] if kind == 1 else mask
            return self.maps[3](mix(query, key, value, mask).transpose(1, 2).flatten(2))

    check_reach(attend_natively, (2, 3, 8), shape, twin=Twin())
