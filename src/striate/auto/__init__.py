"""Chooses a network and a recipe from a data set's facts, and says why."""

from striate.auto.goal import Goal, design_for_goal
from striate.auto.kinds import design_for_kind
from striate.auto.network import Design, design_network
from striate.auto.recipe import Plan, check_name, choose_recipe
from striate.auto.recipes import Layers
from striate.auto.symbols import keep_symbols
from striate.auto.tasks import adapt_plan, design_for_task, design_outputs

__all__ = [
    "Design",
    "Goal",
    "Layers",
    "Plan",
    "adapt_plan",
    "check_name",
    "choose_recipe",
    "design_for_goal",
    "design_for_kind",
    "design_for_task",
    "design_network",
    "design_outputs",
    "keep_symbols",
]
