"""Trust: figures that say whether a map shows what a network learned, each beside what it is against."""

from striate.explain.trust.judging import judge_heat
from striate.explain.trust.trust import Areas, Stage, Trust, Verdict

__all__ = ["Areas", "Stage", "Trust", "Verdict", "judge_heat"]
