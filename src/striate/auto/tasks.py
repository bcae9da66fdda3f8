"""What another task than classification changes in a network and a recipe that were chosen for classes, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
    if task == "classify":
        return plan
    if task == "restore":
        return adapt_restoring(plan, asked)
    if task == "continue":
        return adapt_continuing(plan, samples, asked)
    if task == "segment":
        return adapt_segmenting(plan, samples, asked)
    recipe = replace(plan.recipe, smoothing=0.0, nudge=0, unsure=1.0)
    augment = replace(recipe.augment, mixup=0.0, cutmix=0.0)
    if task == "labels":
        return Plan(replace(recipe, augment=augment), plan.reasons)
    lr = recipe.lr if "lr" in asked or recipe.optimizer != "sgd" else min(recipe.lr, choose_regress_lr(layers))
    recipe = replace(recipe, augment=Augment(), mirror=False, lr=lr)
    told = tuple(reason for reason in plan.reasons if not reason.startswith(_OF_CLASSES))
    if lr != plan.recipe.lr:
        told = tuple(_tell_rate(reason, lr) for reason in told)
    return Plan(recipe, (*told, "samples are left as they are: shifts, turns and mirroring may change the numbers"))


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


_OF_CLASSES = ("shifts of up to", "no mirroring", "turns of up to", "mirrored in training", "samples are left as")


def _tell_rate(reason: str, lr: float) -> str:
    if not reason.startswith(f"learning rate up to {LR:g}"):
        return reason
    return f"learning rate up to {lr:.3g} in one cycle: errors of numbers have no ceiling, so steps are shorter"
