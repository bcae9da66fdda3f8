"""Training: a module, samples, a recipe and an engine in, a history out.

Whatever is random is a function of (seed, epoch, sample) or (seed, step), so a run that was killed and taken up again
from its last checkpoint goes the very way it would have gone (fp32, the same engine and version of torch; not with a
length in minutes, which depends on the clock).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, replace

from torch import nn

from striate.engine import Engine, use_threads
from striate.train.balance import find_class_weights
from striate.train.batches import Array, count_steps, read_samples
from striate.train.closing import Closing, Surroundings
from striate.train.course import Course
from striate.train.folder import RunFolder
from striate.train.goal import Goal
from striate.train.interrupt import interruptible
from striate.train.learner import Learner
from striate.train.limits import check_recipe
from striate.train.origin import describe_origin
from striate.train.preparation import prepared
from striate.train.progress import Progress
from striate.train.randomness import random_state_kept
from striate.train.ranks import joined
from striate.train.recipe import Recipe
from striate.train.request import check_outputs, check_request
from striate.train.schedule import plan_length
from striate.train.shared_norm import shared_norms
from striate.train.sitting import History, Sitting
from striate.train.tasks import CLASSIFY, Task

_ALONE = Surroundings()


def fit(
    module: nn.Module,
    inputs: Array,
    labels: Array,
    recipe: Recipe,
    engine: Engine,
    *,
    validate: tuple[Array, Array] | None = None,
    folder: RunFolder | None = None,
    until: float | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    side_weights: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    parts: int = 1,
    checkpoint_seconds: float = 30.0,
    progress_seconds: float = 0.1,
    around: Surroundings = _ALONE,
    task: Task = CLASSIFY,
) -> History:
    """Train `module` in place for a task; return a record per epoch. It ends in eval mode with its final weights.

    Inputs are bytes (or floats from 0 to 1), samples x channels x extents; labels are class numbers, or what
    another task takes. `validate` is judged after each epoch; with `until` the run ends once the accuracy there (the
    task's merit) reaches it. With a `folder`, the run
    writes its history, weights and checkpoints (each epoch, each `checkpoint_seconds`, and at a stop), and `resume`
    goes on from the last whole one, from the start where there is none. `side_weights` weigh the losses of side heads
    (as the module's own `side_weights` say, else 0.3 each, where none is given). A length in minutes counts what comes
    `around` as well. A record has epoch, step, train_loss,
    train_accuracy (means over the epoch, on augmented samples), validation_loss, validation_accuracy (None without
    `validate`), lr, seconds (since the run's start) and images_per_second (of this sitting's training); with another
    task the word is merit in place of accuracy.

    A weight or loss that is not finite, or a loss that explodes, sends the run back to its last good state, to go on at
    a quarter of the learning rate; the record then has `notes` and `faults` (`names` name the samples in them). Where
    memory runs out, batches go through in more `parts` than before, with the same update.

    Raises:
        InputError: for a recipe, data or request that can't be met.
        RunError: where the run broke down three times, memory doesn't suffice for two samples, or the folder can't be
            used; the last good checkpoint is kept.
        Stopped: after Ctrl-C or a polite kill; the state is saved first.

    >>> import numpy as np
    >>> inputs, labels = np.array([[[0, 0]], [[255, 255]]] * 8, dtype=np.uint8), np.array([0, 1] * 8)
    >>> recipe = Recipe(epochs=5, batch=4, mean=(0.5,), std=(0.5,))
    >>> history = fit(nn.Sequential(nn.Flatten(), nn.Linear(2, 2)), inputs, labels, recipe, Engine())
    >>> len(history), history[-1]["train_accuracy"]
    (5, 1.0)
    """
    check_recipe(recipe)
    samples = read_samples(inputs, labels, recipe, task=task)
    held_out = read_samples(*validate, recipe, "validation", task) if validate else None
    check_request(samples, held_out, until, folder, resume, task.merit)
    random, ready = random_state_kept(engine), prepared(module, samples, recipe)
    with joined() as ranks, ExitStack() as stack:
        own = folder if ranks.is_first else None
        held = own.writing() if own else nullcontext()
        for each in (held, random, use_threads(engine), ready, shared_norms(module, ranks, compiled=engine.compiled)):
            stack.enter_context(each)
        wish = stack.enter_context(interruptible())
        weights = getattr(module, "side_weights", ()) if side_weights is None else side_weights
        learner = Learner(module, recipe, engine, weights, task)
        learner.join(ranks, min(recipe.batch, samples.count))
        learner.class_weights = find_class_weights(samples.labels, recipe, engine.device)
        outputs, origin = check_outputs(learner, samples, held_out), describe_origin(recipe, engine, samples, task)
        closing = Closing(learner, samples, held_out, around)
        length = plan_length(recipe, count_steps(samples.count, recipe.batch), before=around.spent)
        length = replace(length, **ranks.tell(asdict(closing.rehearse(length))))
        course = Course(learner, length, origin, own, outputs=outputs, parts=parts)
        sitting = Sitting(course, samples, closing, Goal(learner, held_out, until), names)
        sitting.on_progress, sitting.progress_seconds = on_progress if ranks.is_first else None, progress_seconds
        sitting.checkpoint_seconds = checkpoint_seconds
        sitting.notes = sitting.news = course.begin(resume)
        course.spread(ranks)
        return sitting.run(wish)
