"""The operations that have a rule, by the names that torch's functions have. A new one is a line here and a test."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from striate.explain.relevance import norms, pointwise, sums
from striate.explain.relevance.call import Call

_ACTIVATIONS = """
relu relu6 leaky_relu prelu rrelu elu selu celu gelu silu mish hardswish tanh hardtanh sigmoid hardsigmoid
softplus softsign tanhshrink softshrink hardshrink log_sigmoid threshold clamp clamp_max abs square sqrt pow
exp expm1 log1p sin sinh asinh atan arctan erf
"""
_AVERAGES = """
sum mean avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
interpolate upsample upsample_nearest upsample_bilinear fold cumsum
"""

RULES: dict[str, Callable[[Call], Tensor]] = {
    **dict.fromkeys(_ACTIVATIONS.split(), pointwise.activate),
    **dict.fromkeys(_AVERAGES.split(), sums.average),
    **dict.fromkeys((f"conv{axes}d" for axes in (1, 2, 3)), sums.convolve),
    **dict.fromkeys((f"conv_transpose{axes}d" for axes in (1, 2, 3)), sums.convolve),
    **dict.fromkeys(("matmul", "rmatmul", "einsum"), sums.multiply_matrices),
    **dict.fromkeys(("softmax", "log_softmax"), pointwise.normalise_exponentials),
    **dict.fromkeys(("local_response_norm", "normalize"), norms.pass_response),
    "linear": sums.connect,
    "add": sums.add,
    "sub": sums.subtract,
    "rsub": sums.subtract_from,
    "neg": pointwise.negate,
    "mul": pointwise.multiply,
    "div": pointwise.divide_by,
    "addcmul": pointwise.multiply_and_add,
    "glu": pointwise.pass_gate,
    "batch_norm": norms.normalise(
        ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"), norms.scale_batch
    ),
    "instance_norm": norms.normalise(
        ("input", "running_mean", "running_var", "weight", "bias", "use_input_stats", "momentum", "eps"),
        norms.scale_instance,
    ),
    "group_norm": norms.normalise(("input", "num_groups", "weight", "bias", "eps"), norms.scale_group),
    "layer_norm": norms.normalise(("input", "normalized_shape", "weight", "bias", "eps"), norms.scale_layer),
    "rms_norm": norms.normalise(("input", "normalized_shape", "weight", "eps"), norms.scale_root),
}
