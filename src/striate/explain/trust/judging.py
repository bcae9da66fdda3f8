"""Judge a batch of maps: how they move the network's answer, and whether they are of its learning at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from striate.explain.covering.symbols import has_symbols
from striate.explain.heat import Heat
from striate.explain.hooks import untouched
from striate.explain.question import Answer, Hear, Question
from striate.explain.trust.areas import measure_areas
from striate.explain.trust.controls import draw_random, find_edges
from striate.explain.trust.randomising import Layers, plan_stages, randomise_down
from striate.explain.trust.ranks import correlate_ranks
from striate.explain.trust.responding import choose_response
from striate.explain.trust.trust import Areas, Stage, Trust
from striate.explain.trust.verdict import judge_all, judge_each

Compute = Callable[[Question], Answer]
RIVALS = 3
"""The maps whose areas are measured: the one asked about and the two controls."""


def judge_heat(question: Question, heat: Heat, compute: Compute) -> Trust:
    """How far the maps of `heat` can be trusted; `compute` is the method that made them for this question.

    Samples are judged one by one, so a figure doesn't depend on the batch around it; the verdict over all does, as it
    should. All that is drawn by chance is a function of the question's seed and the sample. The network is left as it
    was: what is randomised is a copy.

    Cost:    3 x 2 x (STEPS + 1) inputs through the network for each sample, and at most STAGES more maps of the method.
    Raises:  InputError for a network that can't be copied, or has no weights.
    Source:  Petsiuk et al. 2018, "RISE", section 4.2; Adebayo et al. 2018, "Sanity Checks for Saliency Maps".
    """
    with untouched(question.module):
        plan = plan_stages(question.module, question.inputs, None if question.unit is None else question.layer)
        hear = count_parts(question.on_progress, RIVALS + len(plan))
        question = replace(question, on_progress=None)
        deletion, insertion = weigh_against_controls(question, heat.values, hear)
        stages = compare_randomised(question, heat.values, compute, plan, hear)
    flat = [bool((values == values.flatten()[0]).all()) for values in heat.values]
    overall = judge_all(deletion, insertion, stages, flat)
    scale = question.meaning if question.unit is None else "unit"
    return Trust(deletion, insertion, stages, overall, judge_each(deletion, insertion, stages, flat), scale)


def count_parts(hear: Hear | None, parts: int) -> Callable[[], None]:
    """What is called after each part of the work, and tells how many are done."""
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        if hear is not None:
            hear(done, parts)

    return tell


def weigh_against_controls(question: Question, values: Tensor, hear: Callable[[], None]) -> tuple[Areas, Areas]:
    """The deletion and the insertion areas of the maps and of the two controls."""
    inputs, seed = question.inputs, question.seed
    respond = choose_response(question)
    found = []
    for ordering in (values, draw_random(inputs, seed), find_edges(inputs)):
        areas = measure_areas(respond, inputs, ordering, seed, question.rows, symbols=has_symbols(question.module))
        found.append(areas.unbind(1))
        hear()
    deletion, insertion = ([tuple(side.tolist()) for side in sides] for sides in zip(*found, strict=True))
    return Areas(*deletion), Areas(*insertion)


def compare_randomised(
    question: Question, values: Tensor, compute: Compute, plan: Sequence[Layers], hear: Callable[[], None]
) -> tuple[Stage, ...]:
    """The rank correlations of the maps with those of ever more randomised copies."""
    stages = []
    copies = randomise_down(question.module, plan, question.seed)
    for layers, copied in zip(plan, copies, strict=True):
        again = compute_in_rows(replace(question, module=copied, samples=None), compute)
        absolute, drawn = correlate_ranks(values.abs(), again.abs()), correlate_ranks(values, again)
        stages.append(Stage(layers, tuple(absolute.tolist()), tuple(drawn.tolist())))
        hear()
    return tuple(stages)


def compute_in_rows(question: Question, compute: Compute) -> Tensor:
    """The method's maps of a question, `rows` inputs at a time, on the processor."""
    parts = zip(torch.split(question.inputs, question.rows), torch.split(question.target, question.rows), strict=True)
    asked = [replace(question, inputs=inputs, target=target) for inputs, target in parts]
    return torch.cat([compute(one).values.detach().cpu() for one in asked])
