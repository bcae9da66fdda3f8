"""Explain any module: where in an input an answer comes from, what units like, and whether to believe it."""

from striate.explain.explaining import explain_module
from striate.explain.heat import Heat, Patches

__all__ = ["Heat", "Patches", "explain_module"]
