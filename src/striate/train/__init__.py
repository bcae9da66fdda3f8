"""Training: a recipe, a loop that can be killed at any moment, and the folder that a run leaves behind."""

from striate.train.checkpoint import Checkpoint, load_latest
from striate.train.folder import RunFolder
from striate.train.inference import compute_logits
from striate.train.limits import check_recipe
from striate.train.loop import fit
from striate.train.progress import Progress
from striate.train.recipe import Augment, Group, Lookahead, Recipe, Whiten

__all__ = [
    "Augment",
    "Checkpoint",
    "Group",
    "Lookahead",
    "Progress",
    "Recipe",
    "RunFolder",
    "Whiten",
    "check_recipe",
    "compute_logits",
    "fit",
    "load_latest",
]
