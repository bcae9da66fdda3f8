"""What another task than classification changes in a network and a recipe that were chosen for classes, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from striate.auto.adaptation import CHANGES, Given, drop_classes, drop_reasons
from striate.auto.continuing import adapt_continuing, design_continuing
from striate.auto.network import Design
from striate.auto.recipe import FEATURES, LR, Plan
from striate.auto.recipes import Layers
from striate.auto.restoring import adapt_restoring, design_restoring
from striate.auto.segmenting import adapt_segmenting, design_segmenting
from striate.data import Facts
from striate.train import Augment

POOLED = "gmp, flatten, fc-classes"
PLACED = "conv1-16, bn, relu, flatten, fc-classes"
WHERE = "one global pool at the end"
REGRESS_LR = 0.02  # where the last layer sums many features, or nothing is normalised
_PLAIN = Layers()


def design_for_task(facts: Facts, task: str) -> Design | None:
    """The network of a task that needs one of another kind than classes do; None where it doesn't."""
    return DESIGNS[task](facts) if task in DESIGNS else None


DESIGNS: dict[str, Callable[[Facts], Design]] = {
    "restore": design_restoring,
    "segment": design_segmenting,
    "continue": design_continuing,
}


def design_outputs(design: Design, task: str) -> Design:
    r"""The design with the end that a task needs: numbers may depend on where a feature is, so nothing is pooled away.

    >>> design = Design("conv3-8, relu\ngmp, flatten, fc-classes\n", ("one global pool at the end: what counts ...",))
    >>> design_outputs(design, "regress").text
    'conv3-8, relu\nconv1-16, bn, relu, flatten, fc-classes\n'
    """
    if task != "regress" or POOLED not in design.text:
        return design
    why = (
        "the last maps are flattened, not pooled: a number may depend on where a feature is",
        "before that they are brought to 16 channels: a sum of thousands of features overshoots at every step",
    )
    kept = tuple(reason for reason in design.reasons if not reason.startswith(WHERE))
    return Design(design.text.replace(POOLED, PLACED), (*kept, *why))


def adapt_plan(
    plan: Plan, task: str, asked: frozenset[str] = frozenset(), layers: Layers = _PLAIN, samples: int = 0
) -> Plan:
    """The plan with what makes sense for a task alone: answers of other kinds aren't smoothed, mixed or mirrored.

    What was `asked` for stays. `layers` are the network's, of which the last one's inputs bound a regression's steps;
    `samples` of training there are.
    """
    adapt = ADAPTATIONS.get(task)
    return adapt(plan, Given(asked, layers, samples)) if adapt else plan


def adapt_labels(plan: Plan, given: Given) -> Plan:
    """The plan for several labels at once: no picture is mixed with another."""
    plan = drop_classes(plan)
    return Plan(replace(plan.recipe, augment=replace(plan.recipe.augment, mixup=0.0, cutmix=0.0)), plan.reasons)


def adapt_regressing(plan: Plan, given: Given) -> Plan:
    """The plan for numbers: samples as they are, and steps as short as the features that are summed ask for."""
    plan = drop_classes(plan)
    recipe, told = plan.recipe, drop_reasons(plan.reasons, CHANGES)
    kept = "lr" in given.asked or recipe.optimizer != "sgd"
    lr = recipe.lr if kept else min(recipe.lr, choose_regress_lr(given.layers))
    if lr != recipe.lr:
        told = tuple(_tell_rate(reason, lr) for reason in told)
    recipe = replace(recipe, augment=Augment(), mirror=False, lr=lr)
    return Plan(recipe, (*told, "samples are left as they are: shifts, turns and mirroring may change the numbers"))


ADAPTATIONS: dict[str, Callable[[Plan, Given], Plan]] = {
    "labels": adapt_labels,
    "regress": adapt_regressing,
    "restore": adapt_restoring,
    "segment": adapt_segmenting,
    "continue": adapt_continuing,
}


def choose_regress_lr(layers: Layers) -> float:
    """The learning rate of a regression, whose errors have no ceiling: the more features are summed, the shorter steps.

    Source: LeCun, Bottou, Orr and Mueller 1998, "Efficient BackProp", sec. 4.7 and 5.

    >>> choose_regress_lr(Layers(features=512)), round(choose_regress_lr(Layers(features=784)), 3)
    (0.1, 0.065)
    >>> choose_regress_lr(Layers(features=6272)), choose_regress_lr(Layers(features=64, normalised=False))
    (0.02, 0.02)
    """
    if not layers.normalised:
        return REGRESS_LR
    return max(REGRESS_LR, LR * FEATURES / max(layers.features, FEATURES))


def _tell_rate(reason: str, lr: float) -> str:
    if not reason.startswith(f"learning rate up to {LR:g}"):
        return reason
    return f"learning rate up to {lr:.3g} in one cycle: errors of numbers have no ceiling, so steps are shorter"
