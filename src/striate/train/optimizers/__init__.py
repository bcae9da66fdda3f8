"""Optimizers: SGD, AdamW and Muon, one file each, and the one that gives every group of parameters its own."""

from striate.train.optimizers.adamw import AdamW
from striate.train.optimizers.grouped import Grouped, make_optimizer, name_kinds
from striate.train.optimizers.muon import Muon
from striate.train.optimizers.rule import Rule
from striate.train.optimizers.sgd import SGD

__all__ = ["SGD", "AdamW", "Grouped", "Muon", "Rule", "make_optimizer", "name_kinds"]
