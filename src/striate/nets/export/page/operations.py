"""What the page's runtime can do: the operations of torch that `script/` has a function for."""

from __future__ import annotations

from typing import Any

_ELEMENTWISE = """relu hardtanh clamp gelu sigmoid silu leaky_relu elu softplus hardsigmoid hardswish tanh exp expm1 log
    log1p log2 log10 sqrt rsqrt reciprocal abs neg sign sin cos atan erf floor ceil trunc round logical_not bitwise_not
    isnan isinf add sub rsub mul div pow remainder fmod atan2 maximum minimum eq ne lt le gt ge logical_and logical_or
    logical_xor bitwise_and bitwise_or where"""
_ARRANGING = """view _unsafe_view reshape unsqueeze squeeze alias detach clone lift_fresh_copy _to_copy expand permute
    slice select unfold flip repeat cat split_with_sizes constant_pad_nd index index_put index_select embedding gather
    scatter scatter_add slice_scatter select_scatter copy full_like upsample_nearest1d upsample_nearest2d
    upsample_nearest3d"""
_REDUCING = """sum mean prod amax amin any all var max min argmax argmin cumsum topk sort _softmax _log_softmax
    _native_batch_norm_legit_no_training native_group_norm native_layer_norm"""
_MULTIPLYING = "convolution mm bmm addmm"
_POOLING = """max_pool2d_with_indices max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d
    _adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d"""

RUNTIME = frozenset(" ".join((_ELEMENTWISE, _ARRANGING, _REDUCING, _MULTIPLYING, _POOLING)).split())
_VIEWS = """view _unsafe_view reshape unsqueeze squeeze alias detach clone lift_fresh_copy _to_copy expand permute slice
    select unfold split_with_sizes constant_pad_nd index"""
VIEWS = frozenset(_VIEWS.split())  # that say nothing of a layer by themselves
_FEW_LOOKUPS = ("max", "min")  # without an axis they are other operations


def name_operation(target: Any) -> str:
    """The operation's name without its overload.

    >>> import torch
    >>> name_operation(torch.ops.aten.add.Tensor), name_operation(torch.ops.aten.max.default)
    ('add', 'max.default')
    """
    schema = getattr(target, "_schema", None)
    if schema is None:
        return str(getattr(target, "__name__", target))
    name = str(schema.name).removeprefix("aten::")
    plain = schema.overload_name in ("", "default") and name in _FEW_LOOKUPS
    foreign = "::" in name or schema.overload_name == "reduce"
    return f"{name}.default" if plain else f"{name}.{schema.overload_name}" if foreign else name


def take_decompositions() -> Any:
    """Torch's table of decompositions, into the operations that every backend is asked to have, and fewer still."""
    import torch
    from torch._decomp import get_decompositions
    from torch.export import default_decompositions

    aten = torch.ops.aten
    table: Any = default_decompositions()
    rest = [aten.upsample_linear1d, aten.upsample_bilinear2d, aten.upsample_trilinear3d, aten.upsample_bicubic2d]
    table.update(get_decompositions([*rest, aten.grid_sampler_2d]))
    return table
