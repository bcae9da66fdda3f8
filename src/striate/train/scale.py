"""What stands for 1: bytes go from 0 to 1, int16 (sound, series, volumes) from -1 to 1, floats are as they are."""

from __future__ import annotations

import torch
from torch import Tensor

# The numbers of words are int16 too; with a mean of 0 and a std of 1 / 32768 they come out as they are, to the bit.
FULL_SCALE = {torch.uint8: 255, torch.int16: 32768}


def to_full_scale(values: Tensor) -> Tensor:
    """Bytes and int16 as floats of full scale 1; floats as they are.

    >>> to_full_scale(torch.tensor([0, 51, 255], dtype=torch.uint8))
    tensor([0.0000, 0.2000, 1.0000])
    """
    return values / FULL_SCALE[values.dtype] if values.dtype in FULL_SCALE else values
