"""The ground truth of convolution: extents, padding, receptive fields and costs as plain integers; no torch."""

from striate.arithmetic.chain import Window, chain_extents, chain_fields, locate_field, locate_inputs
from striate.arithmetic.cost import (
    count_convolution_multiplies,
    count_convolution_parameters,
    count_linear_multiplies,
    count_linear_parameters,
    count_norm_parameters,
    count_transposed_multiplies,
    require_groups,
)
from striate.arithmetic.extent import convolve_extent, deconvolve_extent, pool_extent
from striate.arithmetic.field import Field, extend_field, extend_field_transposed, join_fields, start_field
from striate.arithmetic.padding import (
    Pair,
    compute_span,
    require_padding,
    require_positive,
    resolve_crop,
    resolve_padding,
)

__all__ = [
    "Field",
    "Pair",
    "Window",
    "chain_extents",
    "chain_fields",
    "compute_span",
    "convolve_extent",
    "count_convolution_multiplies",
    "count_convolution_parameters",
    "count_linear_multiplies",
    "count_linear_parameters",
    "count_norm_parameters",
    "count_transposed_multiplies",
    "deconvolve_extent",
    "extend_field",
    "extend_field_transposed",
    "join_fields",
    "locate_field",
    "locate_inputs",
    "pool_extent",
    "require_groups",
    "require_padding",
    "require_positive",
    "resolve_crop",
    "resolve_padding",
    "start_field",
]
