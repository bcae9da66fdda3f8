"""The samples that a run held out: what it answers on each, how they are counted, and which are worth a look first."""

from striate.verbs.heldout.part import HeldOut, answer_held_out
from striate.verbs.heldout.sample import Grid, Listing, Query, Sample

__all__ = ["Grid", "HeldOut", "Listing", "Query", "Sample", "answer_held_out"]
