"""Advice: what a design wastes or misses, with the figure that shows it and a way to mend it."""

from striate.measure.advice.catalogue import ADVICE, advise

__all__ = ["ADVICE", "advise"]
