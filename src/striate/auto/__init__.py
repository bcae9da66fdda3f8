"""Chooses a network and a recipe from a data set's facts, and says why."""

from striate.auto.network import Design, design_network
from striate.auto.recipe import Plan, choose_recipe

__all__ = ["Design", "Plan", "choose_recipe", "design_network"]
