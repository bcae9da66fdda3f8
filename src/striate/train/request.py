"""What `fit` is asked for, checked before the first step."""

from __future__ import annotations

import numpy as np

from striate.errors import InputError
from striate.train.batches import Samples
from striate.train.folder import RunFolder
from striate.train.inference import compute_logits
from striate.train.learner import Learner


def check_request(
    samples: Samples, held_out: Samples | None, until: float | None, folder: RunFolder | None, resume: bool
) -> None:
    """Refuse what can't be met.

    Raises:  InputError, one line.
    """
    if samples.count < 2:
        raise InputError("training part: 1 sample; at least 2 are needed.")
    if held_out and held_out.inputs.shape[1:] != samples.inputs.shape[1:]:
        found, needed = list(held_out.inputs.shape[1:]), list(samples.inputs.shape[1:])
        raise InputError(f"validation part: inputs of {found}, but the training part's are {needed}; make them alike.")
    if until is not None and held_out is None:
        raise InputError(f"until is {until:g}, but there is no validation part to judge by. Give one, or leave it out.")
    if until is not None and not 0 < until <= 1:
        raise InputError(f"until is {until:g}; an accuracy above 0 and at most 1 is needed, such as 0.95.")
    if resume and folder is None:
        raise InputError("resume: there is no folder to go on from. Give the run's folder.")


def check_classes(learner: Learner, samples: Samples, held_out: Samples | None) -> int:
    """Meet a wrong network before the first step rather than in it; give the number of its classes.

    Raises:  InputError for a label without an output; ShapeError for a network that is no classifier.
    """
    classes = int(compute_logits(learner.module, samples.inputs[:2], learner.recipe, learner.engine).shape[1])
    for name, part in (("training", samples), ("validation", held_out)):
        most = int(np.max(part.labels.cpu().numpy())) if part else 0
        if most >= classes:
            raise InputError(f"{name} part: label {most}, but the network has {classes} outputs; it needs {most + 1}.")
    return classes
