"""Operations that only choose and arrange: each output is one of the inputs, so that its gradient is its relevance.

Among them are max pools (the winner takes all) and sorting; they need no rule. They are known by the names of their
nodes in torch's graph, which no way of writing a network gets past.
"""

from __future__ import annotations

import re

_NAMES = """
Alias View UnsafeView ReshapeAlias Reshape Clone ToCopy Contiguous Permute Transpose T NumpyT Squeeze Unsqueeze Expand
Repeat RepeatInterleave Flip Roll Rot90 Unfold AsStrided Diagonal Narrow Slice Select Split SplitWithSizes UnsafeSplit
UnsafeSplitWithSizes Unbind Index IndexSelect Gather Take Cat Stack Where MaskedFill MaskedSelect MaskedScatter Scatter
IndexPut IndexFill SliceScatter SelectScatter Copy CopySlices ConstantPadNd
ReflectionPad1D ReflectionPad2D ReflectionPad3D ReplicationPad1D ReplicationPad2D ReplicationPad3D
PixelShuffle PixelUnshuffle ChannelShuffle NativeChannelShuffle Im2Col UpsampleNearest1D UpsampleNearest2D
UpsampleNearest3D UpsampleNearestExact1D UpsampleNearestExact2D UpsampleNearestExact3D
MaxPool2DWithIndices MaxPool3DWithIndices AdaptiveMaxPool2D AdaptiveMaxPool3D FractionalMaxPool2D FractionalMaxPool3D
MaxUnpool2D MaxUnpool3D MkldnnMaxPool2D MkldnnMaxPool3D Max Amax Min Amin Maximum Minimum Topk Sort Kthvalue Cummax
Cummin Fmax Fmin Aminmax AccumulateGrad
"""
SELECTIONS = frozenset(_NAMES.split())


def is_selection(node: str) -> bool:
    """Whether a node of this name only chooses and arranges.

    >>> is_selection("PermuteBackward0"), is_selection("AddBackward0")
    (True, False)
    """
    return word_of(node) in SELECTIONS


def word_of(node: str) -> str:
    """The operation's name in that of its node.

    >>> word_of("MaxPool2DWithIndicesBackward0")
    'MaxPool2DWithIndices'
    """
    return re.sub(r"(Backwards?\d*)$", "", node.rsplit("::", 1)[-1])
