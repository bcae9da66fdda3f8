"""What `fit` is asked for, checked before the first step."""

from __future__ import annotations

from striate.errors import InputError
from striate.train.batches import Samples
from striate.train.folder import RunFolder
from striate.train.inference import compute_logits
from striate.train.learner import Learner
from striate.train.tasks import CLASSIFY, Merit


def check_request(
    samples: Samples,
    held_out: Samples | None,
    until: float | None,
    folder: RunFolder | None,
    resume: bool,
    merit: Merit = CLASSIFY.merit,
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
    if until is not None:
        merit.check(until)
    if resume and folder is None:
        raise InputError("resume: there is no folder to go on from. Give the run's folder.")


def check_outputs(learner: Learner, samples: Samples, held_out: Samples | None) -> int:
    """Meet a wrong network before the first step rather than in it; give the number of its outputs.

    Raises:  InputError for a label without an output; ShapeError for a network that the task can't use.
    """
    task, few = learner.task, samples.inputs[:2]
    shape = compute_logits(learner.module, few, learner.recipe, learner.engine, task=task).shape[1:]
    outputs = task.check_outputs(shape, samples.labels, "training")
    return task.check_outputs(shape, held_out.labels, "validation") if held_out else outputs
