"""What a run answers on the very samples that it held out, kept beside them, so that each can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from striate.errors import DataError
from striate.verbs.evaluation import Evaluation
from striate.verbs.runs import Run, reload_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from striate.data import Part
    from striate.verbs.scoring import Hear


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A run, the part of its data that it is judged on, and what it kept of its outputs there, a row a sample.

    `answers` are the outputs in the user's terms, where the task keeps them (else what was kept); `result` the figures
    of all, as `evaluate` gives them.
    """

    run: Run
    part: Part = field(repr=False)
    kept: NDArray[Any] = field(repr=False)
    answers: NDArray[Any] = field(repr=False)
    result: Evaluation

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.part)


def answer_held_out(
    run: Run, data: Any = None, *, on_data: Hear | None = None, on_score: Hear | None = None
) -> HeldOut:
    """Have a run answer the part that it held out: the test part, else the validation part.

    `data` is needed only where the run was trained on arrays in memory.
    Raises:  RunError if the data can't be had, or have changed; DataError where nothing was held out.
    """
    from striate.train.batches import read_samples
    from striate.verbs.answering import Choice, keep
    from striate.verbs.judging import find_baseline, judge_outputs

    dataset = reload_data(run.path, run.settings, data, "answer_held_out(run, data)", on_data)
    part, name = (dataset.val, "val") if dataset.test is None else (dataset.test, "test")
    if part is None or not len(part):
        raise DataError(f"{run.path.name}: found no sample that was held out, needed some. Train on more")
    samples = read_samples(part.inputs, part.labels, run.recipe, name, run.task)
    kept, engine = keep(run, samples, Choice(), 0, on_score)
    result = judge_outputs(run, kept, part.labels, name, 0, engine)
    result = replace(result, baseline=find_baseline(run, part.inputs, part.labels))
    return HeldOut(run, part, kept, run.task.answer(kept, run.recipe) if run.task.keeps_outputs else kept, result)
