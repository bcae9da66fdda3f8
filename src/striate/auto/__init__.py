"""Chooses a network and a recipe from a data set's facts, and says why."""

from striate.auto.goal import Goal, design_for_goal
from striate.auto.network import Design, design_network
from striate.auto.recipe import Plan, check_name, choose_recipe
from striate.auto.recipes import Layers

__all__ = ["Design", "Goal", "Layers", "Plan", "check_name", "choose_recipe", "design_for_goal", "design_network"]
