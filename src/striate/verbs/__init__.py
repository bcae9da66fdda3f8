"""The public functions: glue between the floors below, and nothing else. What `import striate` offers."""

from striate.nets import Net
from striate.verbs.measuring import measure
from striate.verbs.networks import build, read
from striate.verbs.reporting import report
from striate.verbs.runs import Evaluation, Run, load
from striate.verbs.scoring import evaluate, predict
from striate.verbs.training import resume, train

__all__ = [
    "Evaluation",
    "Net",
    "Run",
    "build",
    "evaluate",
    "load",
    "measure",
    "predict",
    "read",
    "report",
    "resume",
    "train",
]
