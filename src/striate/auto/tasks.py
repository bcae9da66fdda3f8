"""What another task than classification changes in a network and a recipe that were chosen for classes, and why."""

from __future__ import annotations

from dataclasses import replace

from striate.auto.network import Design
from striate.auto.recipe import LR, Plan
from striate.train import Augment

POOLED = "gmp, flatten, fc-classes"
WHERE = "one global pool at the end"
REGRESS_LR = 0.02


def design_outputs(design: Design, task: str) -> Design:
    r"""The design with the end that a task needs: numbers may depend on where a feature is, so nothing is pooled away.

    >>> design = Design("conv3-8, relu\ngmp, flatten, fc-classes\n", ("one global pool at the end: what counts ...",))
    >>> design_outputs(design, "regress").text
    'conv3-8, relu\nflatten, fc-classes\n'
    """
    if task != "regress" or POOLED not in design.text:
        return design
    why = "the last maps are flattened, not pooled: a number may depend on where a feature is"
    kept = tuple(reason for reason in design.reasons if not reason.startswith(WHERE))
    return Design(design.text.replace(POOLED, "flatten, fc-classes"), (*kept, why))


def adapt_plan(plan: Plan, task: str, asked: frozenset[str] = frozenset()) -> Plan:
    """The plan with what makes sense for a task alone: answers of other kinds aren't smoothed, mixed or mirrored.

    What was `asked` for stays.
    """
    if task == "classify":
        return plan
    recipe = replace(plan.recipe, smoothing=0.0, nudge=0, unsure=1.0)
    augment = replace(recipe.augment, mixup=0.0, cutmix=0.0)
    if task == "labels":
        return Plan(replace(recipe, augment=augment), plan.reasons)
    lr = recipe.lr if "lr" in asked else min(recipe.lr, REGRESS_LR if recipe.optimizer == "sgd" else recipe.lr)
    recipe = replace(recipe, augment=Augment(), mirror=False, lr=lr)
    told = tuple(reason for reason in plan.reasons if not reason.startswith(_OF_CLASSES))
    if lr != plan.recipe.lr:
        told = tuple(_tell_rate(reason, lr) for reason in told)
    return Plan(recipe, (*told, "samples are left as they are: shifts, turns and mirroring may change the numbers"))


_OF_CLASSES = ("shifts of up to", "no mirroring", "turns of up to", "mirrored in training", "samples are left as")


def _tell_rate(reason: str, lr: float) -> str:
    if not reason.startswith(f"learning rate up to {LR:g}"):
        return reason
    return f"learning rate up to {lr:g} in one cycle: errors of numbers have no ceiling, so steps are shorter"
