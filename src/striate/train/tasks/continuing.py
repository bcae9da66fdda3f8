"""Continuing: at each moment of a sequence, which of 256 levels comes next, told from the moments before it alone.

A sequence comes as levels, bytes 0 to 255; the network gets it a moment late, so that what it gives at a moment is a
score for each level that the moment may have, and no more than its past has been seen. The loss is the cross-entropy in
bits: what it takes to write a sample down, when each is coded by what the network expected. Less is better; 8 bits are
what knowing nothing costs.

Source: van den Oord et al. 2016, "WaveNet: a generative model for raw audio", arXiv:1609.03499, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.data.levels import LEVELS, count_sounding
from striate.errors import InputError
from striate.train.heads import add_sides, split_cells
from striate.train.recipe import Recipe
from striate.train.tasks.causality import find_leak
from striate.train.tasks.residuals import draw_places, find_interval
from striate.train.tasks.stretches import NOTHING, cut_stretches, draw_starts
from striate.train.tasks.task import Judged, Merit, Reals, Task

WINDOW = 2048  # moments of each sequence that a step sees: a random stretch of a longer one
SPANS = 50  # of a sequence, over each of which bits are added up


@dataclass(frozen=True)
class Continue(Task):
    """Tell the next of 256 levels; with `padded`, the silence that fills a sequence up at its end isn't counted.

    A step sees a stretch of `window` moments of each sequence.
    """

    padded: bool = False
    window: int = WINDOW

    name: ClassVar[str] = "continue"
    merit: ClassVar[Merit] = Merit("bits per sample", most=8.0, lower=True)
    keeps_outputs: ClassVar[bool] = False
    outputs_per_cell: ClassVar[int] = LEVELS

    @classmethod
    def begin(cls, targets: NDArray[Any], options: Mapping[str, Any] = {}) -> Continue:
        """The task for sequences of the `kind` in the options: recordings were padded, arrays are as they are."""
        if options.get("dtype", "uint8") != "uint8" or options.get("axes", 1) != 1:
            raise InputError("--task continue: needed recordings, or bytes [N, 1, length]. Choose another task")
        return cls(padded=options.get("kind") == "sound")

    def read_targets(self, targets: Tensor, inputs: Tensor, part: str) -> Tensor:
        """How many moments of each sequence count.

        Shape: [count].
        """
        if inputs.dtype != torch.uint8 or inputs.ndim != 3 or inputs.shape[1] != 1:
            found = f"{part} part: inputs of {list(inputs.shape[1:])} and {inputs.dtype}"
            raise InputError(f"{found}; bytes [count, 1, length], the levels of a sequence, are needed.")
        if not self.padded:
            return torch.full((len(inputs),), inputs.shape[-1])
        counts = torch.from_numpy(count_sounding(inputs.cpu().numpy()))
        if not bool(counts.any()):
            raise InputError(f"{part} part: every recording is silent; some that can be heard are needed.")
        return counts

    def pair(self, batch: Tensor, targets: Tensor, rows: Tensor, recipe: Recipe, epoch: int) -> tuple[Tensor, Tensor]:
        """A stretch of each sequence a moment late, and the stretch itself."""
        levels = _read_levels(batch, recipe)
        starts = draw_starts(rows, targets.cpu(), self.window, recipe.seed, epoch).to(levels.device)
        given, wanted = cut_stretches(levels, targets, starts, min(self.window, levels.shape[-1]))
        return _normalise(given, recipe), wanted

    def hold_out(self, inputs: Tensor, targets: Tensor, rows: Tensor, recipe: Recipe) -> tuple[Tensor, Tensor]:
        """Whole sequences a moment late, as bytes, and the sequences."""
        starts = torch.zeros(len(inputs), dtype=torch.int64, device=inputs.device)
        given, wanted = cut_stretches(inputs[:, 0].long(), targets, starts, inputs.shape[-1])
        return given[:, None].to(torch.uint8), wanted

    def split(self, outputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Scores of the main head and of the side heads, [count, 256, moments] each."""
        return split_cells(outputs, _NEEDED, axes=3)

    def check_outputs(self, shape: Sequence[int], targets: Tensor, part: str) -> int:
        """A score for each level at each moment."""
        if len(shape) != 2 or shape[0] != LEVELS:
            raise InputError(f"{part} part: the network yields {'x'.join(map(str, shape))}; needed {_NEEDED}")
        return LEVELS

    def check_module(self, module: nn.Module, shape: Sequence[int], recipe: Recipe) -> None:
        """Refuse a network that sees what it is to tell."""
        levels = torch.randint(0, LEVELS, (1, *shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
        moment = find_leak(module, _normalise(levels[:, 0], recipe))
        if moment is not None:
            found = f"the network's answer for moment {moment:,} changes with what comes after it"
            raise InputError(f"{found}, needed one that sees the past alone. Give its convolutions pad=causal")

    def find_output(self, outputs: int, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The levels' scores along the input's own length."""
        return (outputs, *shape[1:])

    def describe_output(self, outputs: int, shape: tuple[int, ...]) -> str:
        """Scores at each moment."""
        return f"a score for each of {outputs} levels at each of {shape[-1]:,} moments"

    @property
    def ending(self) -> str:
        """A score for each level of each moment."""
        return "conv1-classes"

    def guess(self, outputs: int) -> float:
        """Eight bits for 256 levels."""
        return math.log2(LEVELS)

    def compute_loss(
        self,
        outputs: Any,
        targets: Tensor,
        recipe: Recipe,
        side_weights: Sequence[float] = (),
        class_weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Mean bits of the moments that count, and the same times the number of sequences."""
        main, sides = self.split(outputs)
        counted = (targets != NOTHING).sum().clamp(min=1)
        losses = [measure_bits(head, targets).sum() / counted for head in (main, *sides)]
        return add_sides(losses, side_weights), losses[0].detach().double() * len(targets)

    def keep(self, outputs: Tensor, targets: Tensor, inputs: Tensor, recipe: Recipe) -> Tensor:
        """Of each sequence the sums of the bits in 50 spans of its length, and how many moments of each count.

        Shape: [count, 2, spans].
        """
        kept = torch.stack([measure_bits(outputs, targets), (targets != NOTHING).float()], 1).double()
        spans = torch.arange(kept.shape[-1], device=kept.device) * SPANS // kept.shape[-1]
        sums = kept.new_zeros(len(kept), 2, SPANS)
        return sums.index_add_(2, spans, kept).float()

    def validate(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """Mean bits, twice: they are the loss, and what counts."""
        bits, counts = outputs.double().sum((0, 2)).tolist()
        mean = bits / max(1.0, counts)
        return mean, mean

    def condense(self, outputs: Tensor) -> Tensor:
        """Refused: there is no answer but what is drawn from the scores, one moment after the other."""
        raise InputError("predict: found a run for continue, which has no answer to a whole sequence. Use generate")

    def answer(self, outputs: Reals, recipe: Recipe) -> NDArray[np.float64]:
        """Refused as well."""
        raise InputError("predict: found a run for continue, which has no answer to a whole sequence. Use generate")

    def judge(self, outputs: Reals, targets: NDArray[Any], recipe: Recipe) -> Judged:
        """Bits per sample with their interval by the bootstrap over sequences, and along the time."""
        sums = np.asarray(outputs, np.float64)
        bits, counts = sums.sum(2).T
        places = draw_places(len(sums), recipe.seed)
        spread = bits[places].sum(1) / np.maximum(1, counts[places].sum(1))
        along, weights = sums.sum(0)
        mean = float(bits.sum() / max(1.0, counts.sum()))
        figures = {
            "samples_counted": int(counts.sum()),
            "along": [float(each / weight) if weight else None for each, weight in zip(along, weights, strict=True)],
        }
        return Judged(mean, mean, find_interval(spread), figures)

    def choose_examples(self, kept: Reals) -> Sequence[int]:
        """None: what a page shows is generated."""
        return []


def measure_bits(scores: Tensor, levels: Tensor) -> Tensor:
    """What each moment's level costs under the scores of all levels; 0 where it isn't counted.

    Shape: [count, levels, moments], [count, moments] -> [count, moments].

    >>> measure_bits(torch.zeros(1, 256, 2), torch.tensor([[7, -100]])).tolist()
    [[8.0, 0.0]]
    """
    return F.cross_entropy(scores.float(), levels, reduction="none", ignore_index=NOTHING) / math.log(2)


def _read_levels(batch: Tensor, recipe: Recipe) -> Tensor:
    """The bytes that a batch was normalised from. Shape: [count, 1, length] -> int64 [count, length]."""
    return ((batch[:, 0].float() * recipe.std[0] + recipe.mean[0]) * (LEVELS - 1)).round().long()


def _normalise(levels: Tensor, recipe: Recipe) -> Tensor:
    """As bytes are normalised; where they stay as they are, to the bit. Shape: [..., length] -> [..., 1, length]."""
    factor, offset = 1 / ((LEVELS - 1) * recipe.std[0]), -recipe.mean[0] / recipe.std[0]
    return levels[:, None].float() * factor + offset


_NEEDED = f"{LEVELS} scores at each moment: end with `conv1-classes`."
