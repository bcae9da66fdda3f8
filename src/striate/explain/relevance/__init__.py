"""Layer-wise relevance: how a score is shared out among what it came from, operation by operation."""

from striate.explain.relevance.operations import RULES
from striate.explain.relevance.passing import Passing

__all__ = ["RULES", "Passing"]
