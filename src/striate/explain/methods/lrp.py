"""Layer-wise relevance propagation: the target's score, shared out backwards over what it was made of.

Each operation hands the relevance of its outputs to its inputs by a rule (`explain.relevance`): a convolution to what
spoke for its output, a dense layer, an average and a sum of branches in proportion, with sign; an activation passes it
on; a max pool gives it to the winner; a norm is folded into the sum before it. That is the composite of rules that
Kohlbrenner et al. recommend, here with one rule for every convolution, the first one included: inputs are centred at
the data's mean, so a cell at the mean contributed nothing and gets nothing. Nothing is lost on the way but the
shares of constants, which are told.

Source:  Bach et al. 2015, doi:10.1371/journal.pone.0130140; Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10;
         Kohlbrenner et al. 2020, arXiv:1910.09840.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.func import functional_call

from striate.errors import InputError
from striate.explain.question import Answer, Question, pick, scores_of
from striate.explain.relevance import Passing
from striate.explain.relevance.call import name_place

TOLERANCE = 1e-4
"""How far the scores of the pass that carries relevance may lie from the network's own, in parts of the largest."""

_OPAQUE: dict[str, Callable[[nn.Module], bool]] = {
    "scripted": lambda part: isinstance(part, torch.jit.ScriptModule),
    "compiled": lambda part: "_orig_mod" in part._modules,
    "parallel": lambda part: isinstance(part, nn.DataParallel),
}

_CUT = "the network: found a score that torch can't follow back to the input, needed one. Try occlusion"


def explain_lrp(question: Question) -> Answer:
    """Share each input's score out over its cells: the sum over cells is the score, less what constants kept.

    Cost:    about 10 forward passes.
    Raises:  InputError for an operation without a rule, for what torch's functions don't show (scripted or compiled
             code), and where the pass doesn't give the network's own scores.
    """
    _require_plain(question.module, question.inputs)
    pairs = zip(*(torch.split(part, question.rows) for part in (question.inputs, question.target)), strict=True)
    parts = [_explain_rows(replace(question, inputs=inputs, target=target)) for inputs, target in pairs]
    kept = torch.cat([kept for _, kept, _ in parts])
    notes = tuple(dict.fromkeys(note for *_, found in parts for note in found))
    return Answer(torch.cat([values for values, *_ in parts]), notes=(describe_kept(kept), *notes))


def describe_kept(kept: Tensor) -> str:
    """A line on which share of the scores constants kept, from that of each input.

    >>> describe_kept(torch.tensor([0.0, 0.25]))
    "constants kept 0 % to 25 % of the scores: a map's sum is the rest"
    """
    low, high = (100 * float(value) for value in (kept.min(), kept.max()))
    if max(-low, high) < 100 * max(1e-4, 8 * torch.finfo(kept.dtype).eps):
        return "each map's sum is its score"
    share = f"{low:.3g} %" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} % to {high:.3g} %"
    return f"constants kept {share} of the scores: a map's sum is the rest"


def _explain_rows(question: Question) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """The values, which share of each score constants kept, and notes."""
    leaf, scores, logits = _pass(question)
    chosen = torch.zeros_like(scores).scatter(1, question.target.to(scores.device)[:, None], 1)
    start = scores.detach() if logits is None else logits
    # a softmax at the end takes 1 for its target, and starts at the logit
    given = chosen * start if logits is None else chosen
    (relevance,) = torch.autograd.grad(scores, leaf, given, allow_unused=True)
    if relevance is None:
        raise InputError(_CUT)
    values, score = relevance.sum(1), pick(start, question.target)
    lost = score - values.flatten(1).sum(1)
    kept = torch.where(score == 0, 0, lost / torch.where(score == 0, 1, score))
    notes = () if logits is None else ("the score that is shared out is the one before the softmax at the end",)
    return values, kept, notes


def _pass(question: Question) -> tuple[Tensor, Tensor, Tensor | None]:
    """The inputs as a leaf, the scores they give in a pass that carries relevance, and what a softmax made those of."""
    module, inputs = question.module, question.inputs
    own = run(module, inputs)
    leaf = inputs.detach().clone().requires_grad_()
    parameters = {name: parameter.detach() for name, parameter in module.named_parameters()}
    passing = Passing()

    def carry(inputs: Tensor) -> object:
        return functional_call(module, parameters, (inputs,))

    with passing.enter(module), passing, torch.enable_grad():
        scores = scores_of(cast(nn.Module, carry), leaf)
    if not scores.requires_grad:
        raise InputError(_CUT)
    _require_same(own, scores)
    logits = passing.find_logits(scores)
    return leaf, scores, None if logits is None else run(lambda _: logits, inputs)


def run(module: object, inputs: Tensor) -> Tensor:
    """The scores, without gradients."""
    with torch.no_grad():
        return scores_of(cast(nn.Module, module), inputs)


def _require_plain(module: nn.Module, inputs: Tensor) -> None:
    if not inputs.is_floating_point():
        raise InputError(f"inputs: found {inputs.dtype}, needed floating point numbers. Try occlusion")
    for path, part in module.named_modules():
        for kind in (name for name, known in _OPAQUE.items() if known(part)):
            raise InputError(
                f"{name_place(path)}: found {kind} code, whose operations can't be seen, needed an ordinary module. "
                "Hand over the one that it was made from"
            )


def _require_same(own: Tensor, scores: Tensor) -> None:
    """Raise InputError unless both passes gave the same scores."""
    if not own.isfinite().all():
        raise InputError("the network: found a score that isn't finite, needed one that is. Look for what makes it so")
    apart = float((own - scores.detach()).abs().max() / own.abs().max().clamp(min=1e-12))
    if not apart <= TOLERANCE:
        raise InputError(
            f"the network: its scores are {apart:.2g} apart from one pass to the next, needed the same each time. "
            "Switch off what is random in it, or try occlusion"
        )
