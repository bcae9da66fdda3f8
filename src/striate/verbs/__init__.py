"""The public functions: glue between the floors below, and nothing else. What `import striate` offers."""

from striate.nets import Net
from striate.nets.export import Exported
from striate.verbs.converting import fully_connected, fully_convolutional, invert, matrix
from striate.verbs.evaluation import Evaluation
from striate.verbs.explaining import explain
from striate.verbs.exploring import explore
from striate.verbs.exporting import export
from striate.verbs.filtering import filter  # noqa: A004 - the command's name
from striate.verbs.generating import Continuation, generate
from striate.verbs.hearing import Timeline, timeline
from striate.verbs.locating import locate
from striate.verbs.measuring import measure
from striate.verbs.networks import adopt, build, read
from striate.verbs.reporting import report
from striate.verbs.restoring import Restored, restore
from striate.verbs.resuming import resume
from striate.verbs.runs import Run, load
from striate.verbs.scoring import evaluate, predict
from striate.verbs.segmenting import Mask, segment
from striate.verbs.spelling import spell
from striate.verbs.training import train

__all__ = [
    "Continuation",
    "Evaluation",
    "Exported",
    "Mask",
    "Net",
    "Restored",
    "Run",
    "Timeline",
    "adopt",
    "build",
    "evaluate",
    "explain",
    "explore",
    "export",
    "filter",
    "fully_connected",
    "fully_convolutional",
    "generate",
    "invert",
    "load",
    "locate",
    "matrix",
    "measure",
    "predict",
    "read",
    "report",
    "restore",
    "resume",
    "segment",
    "spell",
    "timeline",
    "train",
]
