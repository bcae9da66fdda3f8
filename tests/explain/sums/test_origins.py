"""Where numbers were moved from: content that stands at the number that is told, or was filled in."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.explain.sums.origins import find_origin
from striate.explain.sums.playing import play


class Mover(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        padded = F.pad(x, (2, 1, 0, 3), mode="circular")
        padded = F.pad(padded, (1, 1), value=7.0)
        both = torch.cat([padded.flip(-1), padded.roll(2, 2)], 1)
        return F.interpolate(F.pixel_shuffle(both, 2), scale_factor=2).transpose(1, 2)[..., 3:]


def test_each_cell_is_found_where_it_came_from() -> None:
    x = torch.arange(2 * 4 * 5, dtype=torch.float32).reshape(1, 2, 4, 5)
    playing = play(Mover(), x)
    made = playing.trace.outputs[0]
    origin = find_origin(playing, made, lambda operation: True)
    content = playing.read(made).numpy()
    assert (origin.numbers == 0).any()
    for cell in np.ndindex(content.shape):
        found = origin.find(int(origin.numbers[cell]))
        if found is None:
            assert content[cell] == 7.0
            continue
        value, place = found
        assert value is playing.input
        assert content[cell] == float(x[place])


def test_nothing_is_followed_beyond_the_scope() -> None:
    playing = play(Mover(), torch.rand(1, 2, 4, 5))
    made = playing.trace.outputs[0]
    origin = find_origin(playing, made, lambda operation: False)
    assert [root for _, root in origin.roots] == [made]
    assert origin.numbers.reshape(-1).tolist() == list(range(1, origin.numbers.size + 1))
